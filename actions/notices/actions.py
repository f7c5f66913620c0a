"""The action behind “以后发短信给我” and “别再通知我了”."""

from __future__ import annotations

from actions.backend_client import backend
from actions.conversation import Conversation
from actions.errors import ActionError
from actions.intake.draft import Draft
from actions.intake.questions import repeat_question
from actions.notices.wishes import heed
from actions.saying import Say, say
from actions.turn import Turn


class ActionNoticeWish(Conversation):
    """Keeps how somebody wants to be told, then comes back to the open question."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_notice_wish"

    async def reply(self, draft: Draft, turn: Turn) -> list[Say]:
        """One call; an intake that is under way goes on after it."""
        try:
            sayings = await heed(backend(), turn)
        except ActionError:
            sayings = [say("utter_notice_down")]
        return [*sayings, *repeat_question(draft)]
