"""Asides, people who want a person, and danger."""

from __future__ import annotations

from actions.backend_client import backend
from actions.conversation import Conversation
from actions.help.callbacks import record_callback
from actions.intake.draft import Draft
from actions.intake.questions import repeat_question
from actions.saying import Say, say
from actions.turn import Turn

_DANGER_ORDER = ("fire", "crime", "self_harm", "medical")


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
        draft.contact.phone = _number(draft, turn)
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
    """The number to call stands first, whatever else is going on; no form, no questions."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_danger"

    async def reply(self, draft: Draft, turn: Turn) -> list[Say]:
        """Says the number even when the backend is down, and records a call-back."""
        kinds = sorted({a["kind"] for a in turn.alerts}, key=_DANGER_ORDER.index) or ["crime"]
        again = draft.asked == "danger"
        draft.contact.phone = _number(draft, turn)
        await record_callback(backend(), turn, draft, "danger")
        draft.asked = "danger"
        return _danger(kinds, again)


def _number(draft: Draft, turn: Turn) -> str | None:
    phones = turn.phones(valid=True)
    return phones[-1] if phones else draft.contact.phone


def _danger(kinds: list[str], again: bool) -> list[Say]:
    sayings = [say(f"utter_danger_{kind}") for kind in kinds]
    return [*sayings, say("utter_danger_stay")] if again else sayings
