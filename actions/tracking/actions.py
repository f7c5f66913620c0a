"""The action behind “我的诉求到哪了”."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.backend_client import backend
from actions.errors import BackendDown
from actions.intake.draft import Draft
from actions.intake.questions import repeat_question
from actions.saying import say, speak
from actions.tracking.status import answer_status
from actions.turn import Turn


class ActionProgress(Action):  # type: ignore[misc]
    """Tells how a case stands; a form that was under way goes on after it."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_progress"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Looks the case up on proof of ownership."""
        turn, draft = Turn.latest(tracker), Draft.load(tracker.get_slot("draft"))
        pending = draft.asked
        try:
            sayings = await answer_status(backend(), draft, turn)
        except BackendDown:
            speak(dispatcher, [say("utter_status_down")])
            return []
        if draft.items:
            draft.asked = pending
            sayings += repeat_question(draft)
        speak(dispatcher, sayings)
        return [SlotSet("draft", draft.dump())]
