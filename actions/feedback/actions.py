"""What a citizen says about a case that is already filed: a rating or a withdrawal."""

from __future__ import annotations

from actions.backend_client import backend
from actions.conversation import Conversation
from actions.feedback.adding import add_to_case
from actions.intake.draft import Draft
from actions.saying import Say
from actions.turn import Turn


class ActionFeedback(Conversation):
    """Adds to the case that this conversation filed last, or the one named with its proof."""

    takes = frozenset({"withdraw"})

    def name(self) -> str:
        """Its name in the domain."""
        return "action_feedback"

    async def reply(self, draft: Draft, turn: Turn) -> list[Say]:
        """One look-up and one addition."""
        return await add_to_case(backend(), draft, turn)
