"""The action behind “我的诉求到哪了”."""

from __future__ import annotations

from actions.backend_client import backend
from actions.conversation import Conversation
from actions.intake.draft import Draft
from actions.intake.questions import repeat_question
from actions.saying import Say
from actions.tracking.status import answer_status
from actions.turn import Turn


class ActionProgress(Conversation):
    """Tells how a case stands; an intake that was under way goes on after it."""

    takes = frozenset({"ask_progress"})

    def name(self) -> str:
        """Its name in the domain."""
        return "action_progress"

    async def reply(self, draft: Draft, turn: Turn) -> list[Say]:
        """Looks the case up on proof of ownership."""
        pending = draft.asked
        sayings = await answer_status(backend(), draft, turn)
        if draft.items:
            draft.asked = pending
            sayings += repeat_question(draft)
        return sayings
