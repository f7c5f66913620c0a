"""Asides, people who want a person, and danger."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.backend_client import backend
from actions.help.callbacks import record_callback
from actions.intake.draft import Draft
from actions.intake.questions import repeat_question
from actions.saying import Say, say, speak
from actions.turn import Turn

_DANGER_ORDER = ("fire", "crime", "self_harm", "medical")


class ActionAnswer(Action):  # type: ignore[misc]
    """Answers a greeting or a question in passing, then comes back to the open question."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Says `utter_<intent>`; with a draft open, a bare greeting only repeats the question."""
        turn, draft = Turn.latest(tracker), Draft.load(tracker.get_slot("draft"))
        speak(dispatcher, [say(f"utter_{turn.intent}"), *repeat_question(draft)])
        return [SlotSet("draft", draft.dump())]


class ActionHandover(Action):  # type: ignore[misc]
    """Records that somebody must ring back, and tells the hotline's number at once."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_handover"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """A call-back task; without a telephone number it asks for one."""
        turn, draft = Turn.latest(tracker), Draft.load(tracker.get_slot("draft"))
        phones = turn.phones(valid=True)
        draft.contact.phone = phones[-1] if phones else draft.contact.phone
        recorded = await record_callback(backend(), turn, draft, "asked_for_person")
        if draft.asked in ("case_no", "last4"):
            draft.asked = None
        if not recorded:
            speak(dispatcher, [say("utter_handover_unrecorded")])
        elif draft.contact.phone:
            speak(
                dispatcher,
                [say("utter_handover", phone=draft.contact.phone), *repeat_question(draft)],
            )
        else:
            speak(dispatcher, [say("utter_handover_no_phone"), *repeat_question(draft)])
            draft.asked = draft.asked or "callback_phone"
        return [SlotSet("draft", draft.dump())]


class ActionDanger(Action):  # type: ignore[misc]
    """The number to call stands first, whatever else is going on; no form, no questions."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_danger"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Says the number even when the backend is down, and records a call-back."""
        turn, draft = Turn.latest(tracker), Draft.load(tracker.get_slot("draft"))
        kinds = sorted({a["kind"] for a in turn.alerts}, key=_DANGER_ORDER.index) or ["crime"]
        again = draft.asked == "danger"
        phones = turn.phones(valid=True)
        draft.contact.phone = phones[-1] if phones else draft.contact.phone
        await record_callback(backend(), turn, draft, "danger")
        speak(dispatcher, _danger(kinds, again))
        draft.asked = "danger"
        return [SlotSet("draft", draft.dump())]


def _danger(kinds: list[str], again: bool) -> list[Say]:
    sayings = [say(f"utter_danger_{kind}") for kind in kinds]
    return [*sayings, say("utter_danger_stay")] if again else sayings
