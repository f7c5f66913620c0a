"""The action behind “以后发短信给我” and “别再通知我了”."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.backend_client import backend
from actions.errors import BackendDown, BackendRefused
from actions.intake.draft import Draft
from actions.intake.questions import repeat_question
from actions.notices.wishes import heed
from actions.saying import say, speak
from actions.turn import Turn


class ActionNoticeWish(Action):  # type: ignore[misc]
    """Keeps how somebody wants to be told, then comes back to the open question."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_notice_wish"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """One call; a form that is under way goes on after it."""
        turn, draft = Turn.latest(tracker), Draft.load(tracker.get_slot("draft"))
        try:
            sayings = await heed(backend(), turn)
        except (BackendDown, BackendRefused):
            sayings = [say("utter_notice_down")]
        speak(dispatcher, [*sayings, *repeat_question(draft)])
        return [SlotSet("draft", draft.dump())]
