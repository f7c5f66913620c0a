"""“我的诉求到哪了”: the truth, to those who may know it."""

from __future__ import annotations

from typing import Any

from actions.backend_client import BackendClient
from actions.dates import spoken_date
from actions.errors import BackendRefused
from actions.intake.draft import Draft
from actions.labels import types
from actions.saying import Say, say
from actions.turn import Turn

_REFUSALS = {
    "case_no_invalid": "utter_status_bad_number",
    "too_many_tries": "utter_status_locked",
}


def waits_for_proof(draft: Draft, turn: Turn) -> bool:
    """The assistant asked for a case number or the last four digits, and here they are."""
    return draft.asked in ("case_no", "last4") and bool(
        turn.case_numbers or turn.last4 or turn.phones(valid=True)
    )


async def answer_status(backend: BackendClient, draft: Draft, turn: Turn) -> list[Say]:
    """Asks the backend and words the answer; asks for what proves ownership when it is missing.

    Raises:
        BackendDown: the citizen must be told that it can't be looked up now.
    """
    case_no = _case_no(turn) or draft.case_no
    last4 = turn.last4 or _tail(turn)
    if _broken_number(turn):
        draft.asked = "case_no"
        return [say("utter_status_bad_number")]
    query = {"channel": turn.channel, "conversation_id": turn.conversation_id}
    if case_no:
        query["case_no"] = case_no
    if last4:
        query["phone_last4"] = last4
    try:
        answer = await backend.query_status(query)
    except BackendRefused as refused:
        return _refused(draft, refused, case_no, last4)
    draft.asked, draft.case_no = None, None
    return _told(answer)


def _case_no(turn: Turn) -> str | None:
    numbers = turn.case_numbers
    return str(numbers[-1]["value"]) if numbers else None


def _broken_number(turn: Turn) -> bool:
    numbers = turn.case_numbers
    return bool(numbers) and not numbers[-1].get("valid", True)


def _tail(turn: Turn) -> str | None:
    phones = turn.phones(valid=True)
    return phones[-1][-4:] if phones else None


def _refused(
    draft: Draft, refused: BackendRefused, case_no: str | None, last4: str | None
) -> list[Say]:
    if refused.code in _REFUSALS:
        draft.asked = "case_no" if refused.code == "case_no_invalid" else None
        return [say(_REFUSALS[refused.code])]
    if case_no and not last4:
        draft.asked, draft.case_no = "last4", case_no
        return [say("utter_ask_last4")]
    if not case_no and draft.items:
        return [say("utter_status_not_yet")]
    if not case_no:
        draft.asked = "case_no"
        return [say("utter_ask_case_no")]
    draft.asked, draft.case_no = None, None
    return [say("utter_status_unknown")]


def _told(answer: dict[str, Any]) -> list[Say]:
    cases = answer.get("cases") or [answer]
    sayings = [_one(case) for case in cases[:3]]
    if len(cases) > len(sayings):
        sayings.append(say("utter_status_more", count=len(cases) - len(sayings)))
    return sayings


def _one(case: dict[str, Any]) -> Say:
    label = types().get(case.get("type", ""))
    values = {
        "case_no": case["case_no"],
        "type": case.get("type_label") or (label.label if label else ""),
        "status": case.get("status_label") or "",
        "progress": (case.get("progress") or "").rstrip("。"),
    }
    due = case.get("due") or {}
    date = spoken_date(due["at"]) if due.get("at") else ""
    if date and date not in values["progress"]:
        return say("utter_status_due", due=date, **values)
    return say("utter_status", **values)
