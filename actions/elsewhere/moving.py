"""Leaving with a code, and going on here with what was told elsewhere."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from actions.backend_client import BackendClient
from actions.elsewhere.keeping import WHERE, keep
from actions.elsewhere.words import brought_code
from actions.errors import BackendRefused
from actions.intake.draft import Draft
from actions.intake.questions import ask_next, next_missing, repeat_question
from actions.saying import Say, say
from actions.turn import Turn

_CODE_DIGITS = 6
_READ_BACK = ("confirm", "correction")
_OF_OTHER_PARTS = ("case_no", "last4", "callback_phone", "detail")


async def leave(backend: BackendClient, draft: Draft, turn: Turn) -> list[Say]:
    """A code for the draft; the question that is open stays open here, too.

    Raises:
        BackendDown: there is no code.
    """
    if not draft.items:
        return [say("utter_nothing_to_continue")]
    draft.open(turn)
    try:
        await keep(backend, draft, turn)
        told = await backend.draft_code(draft.id, turn.conversation_id)
    except BackendRefused:
        return [say("utter_elsewhere_down"), *repeat_question(draft)]
    draft.code_told = True
    return [say("utter_continuation_code", code=told["code"])]


async def take_over(backend: BackendClient, draft: Draft, turn: Turn) -> list[Say]:
    """The draft from elsewhere goes on here with the question that was open there.

    Raises:
        BackendDown: nothing was taken, the code is good as before.
    """
    if draft.items:
        here = "utter_already_here" if draft.code_told else "utter_finish_first"
        return [say(here), *repeat_question(draft)]
    code = brought_code(turn.text, draft)
    if code and len(code) != _CODE_DIGITS:
        return [say("utter_code_unknown")]
    taking = {"conversation_id": turn.conversation_id, "channel": turn.channel, "code": code}
    try:
        taken = await backend.take_draft(taking)
    except BackendRefused as refused:
        return [say(_refusal(refused, code))]
    _unpack(draft, taken, turn)
    return [*_told(draft, taken), *_question(draft)]


def _refusal(refused: BackendRefused, code: str | None) -> str:
    if refused.code == "too_many_tries":
        return "utter_code_locked"
    return "utter_code_unknown" if code else "utter_nothing_to_continue"


def _unpack(draft: Draft, taken: dict[str, Any], turn: Turn) -> None:
    """Everything told there stands here; its id stays, and with it what keeps it from being filed twice."""
    carried = Draft.load(json.loads(taken["draft"]))
    draft.id, draft.items, draft.tries = carried.id, carried.items, carried.tries
    draft.place, draft.prelude = carried.place, carried.prelude
    draft.asked = None if carried.asked in _OF_OTHER_PARTS else carried.asked
    own_number = turn.number_known and not carried.contact.declined
    if carried.contact.same_phone and not own_number:
        draft.tries.pop("phone", None)
    draft.contact = replace(carried.contact, same_phone=own_number)
    draft.case_no, draft.dropped = None, []
    draft.kept, draft.code_told = True, False


def _told(draft: Draft, taken: dict[str, Any]) -> list[Say]:
    """What was told, in short; before a read-back, which tells it all, only that it goes on."""
    going_on = say("utter_taken_over", where=WHERE.get(taken["channel"], ""))
    if draft.asked in _READ_BACK and next_missing(draft) is None:
        return [going_on]
    shown = "；".join(item.shown for item in draft.items)
    return [going_on, say("utter_taken_over_told", told=shown)]


def _question(draft: Draft) -> list[Say]:
    if draft.asked is None or (draft.asked in _READ_BACK and next_missing(draft)):
        return ask_next(draft)
    return repeat_question(draft, whole=True)
