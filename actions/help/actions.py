"""Asides, people who want a person, and danger."""

from __future__ import annotations

from actions.backend_client import backend
from actions.conversation import Conversation
from actions.help.callbacks import record_callback, take_own_number
from actions.help.danger import Danger, raised
from actions.intake.draft import Draft
from actions.intake.questions import repeat_question
from actions.saying import Say, say
from actions.turn import Turn


class ActionAnswer(Conversation):
    """Answers a greeting or a question in passing, then comes back to the open question."""

    takes = frozenset({"faq_duration"})

    def name(self) -> str:
        """Its name in the domain."""
        return "action_answer"

    async def reply(self, draft: Draft, turn: Turn) -> list[Say]:
        """Says `utter_<intent>` and the open question once more."""
        question = repeat_question(draft, whole=turn.intent == "repeat")
        if turn.intent == "repeat" and not question:
            return [say("utter_greet")]
        return [say(f"utter_{turn.intent}"), *question]


class ActionHandover(Conversation):
    """Records that somebody must ring back, and tells the hotline's number at once."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_handover"

    async def reply(self, draft: Draft, turn: Turn) -> list[Say]:
        """A call-back task; without a telephone number it asks for one."""
        take_own_number(draft, turn)
        recorded = await record_callback(backend(), turn, draft, "asked_for_person")
        if draft.asked in ("case_no", "last4"):
            draft.asked = None
        if not recorded:
            return [say("utter_handover_unrecorded")]
        if turn.number_known and not draft.contact.phone:
            return [say("utter_handover_same_phone"), *repeat_question(draft)]
        if draft.contact.phone:
            return [say("utter_handover", phone=draft.contact.phone), *repeat_question(draft)]
        sayings = [say("utter_handover_no_phone"), *repeat_question(draft)]
        draft.asked = draft.asked or "callback_phone"
        return sayings


class ActionDanger(Conversation):
    """The number to call stands first, whatever else is going on; no form, no questions.

    The draft and its open question stay: the citizen may come back to them.
    """

    takes = frozenset({"danger"})

    def name(self) -> str:
        """Its name in the domain."""
        return "action_danger"

    async def reply(self, draft: Draft, turn: Turn) -> list[Say]:
        """Says the number even when the backend is down, and records a call-back."""
        danger = Danger.told_anew(draft)
        new = not danger.times
        sayings = raised(danger, turn)
        danger.hear(draft, turn)
        take_own_number(draft, turn)
        if not draft.items and turn.places("request"):
            draft.place = turn.places("request")[-1]
        recorded = await record_callback(backend(), turn, draft, "danger")
        return [*sayings, say("utter_danger_passed_on")] if new and recorded else sayings
