"""What a citizen says about a case that is already filed: a rating or a withdrawal."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.backend_client import backend
from actions.errors import BackendDown
from actions.feedback.adding import add_to_case
from actions.intake.draft import Draft
from actions.saying import say, speak
from actions.turn import Turn


class ActionFeedback(Action):  # type: ignore[misc]
    """Adds to the case that this conversation filed last, or the one named with its proof."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_feedback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """One look-up and one addition."""
        turn, draft = Turn.latest(tracker), Draft.load(tracker.get_slot("draft"))
        try:
            sayings = await add_to_case(backend(), draft, turn)
        except BackendDown:
            sayings = [say("utter_status_down")]
        speak(dispatcher, sayings)
        return [SlotSet("draft", draft.dump())]
