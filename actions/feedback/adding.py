"""Adds to a case that is filed already, on proof of ownership by the conversation or the phone."""

from __future__ import annotations

import re
from typing import Any

from actions.backend_client import BackendClient
from actions.errors import BackendRefused
from actions.intake.draft import Draft
from actions.saying import Say, say
from actions.turn import Turn

_FINISHED = ("completed", "feedback")
_POINTS = re.compile(r"(?<![0-9])([1-5])\s*[分星]")
_CALLS = {"supplement": "supplements", "rate": "ratings", "withdraw": "withdrawal"}
_UNSOLVED = ("没解决", "没有解决", "冇解决", "未解决")
_BAD_WORDS = ("不满意", "唔满意", *_UNSOLVED, "差", "失望")


async def add_to_case(backend: BackendClient, draft: Draft, turn: Turn) -> list[Say]:
    """Adds what the intent says (rate, withdraw, else a supplement) to the citizen's case.

    Raises:
        BackendDown: nothing was added.
    """
    proof = _proof(turn)
    kind = turn.intent if turn.intent in _CALLS else "supplement"
    try:
        found = await backend.query_status(proof)
        case_no = _meant(kind, found.get("cases") or [found])["case_no"]
        await backend.add_to_case(case_no, _CALLS[kind], {**proof, **_body(turn, kind)})
    except BackendRefused as refused:
        if refused.status == 409:
            return [say(f"utter_{kind}_too_late")]
        draft.asked = "case_no"
        return [say("utter_ask_case_no")]
    return [say(f"utter_{kind}_done", case_no=case_no)]


def _meant(intent: str, cases: list[dict[str, Any]]) -> dict[str, Any]:
    """Whose case it is, newest first: a rating is of the newest that is finished."""
    finished = [case for case in cases if case.get("status") in _FINISHED]
    return finished[0] if intent == "rate" and finished else cases[0]


def _proof(turn: Turn) -> dict[str, Any]:
    proof: dict[str, Any] = {"channel": turn.channel, "conversation_id": turn.conversation_id}
    if turn.case_numbers:
        proof["case_no"] = turn.case_numbers[-1]["value"]
    if turn.last4 and turn.case_numbers:
        proof["phone_last4"] = turn.last4
    return proof


def _body(turn: Turn, kind: str) -> dict[str, Any]:
    if kind == "supplement":
        phone = {"contact_phone": turn.any_phone} if turn.any_phone else {}
        return {"text": turn.text[:2000], **phone}
    if kind == "withdraw":
        return {"reason": turn.text[:500]}
    judged: dict[str, Any] = {"score": _score(turn), "comment": turn.text[:500]}
    if any(word in turn.text for word in _UNSOLVED):
        judged["resolved"] = False
    return judged


def _score(turn: Turn) -> int:
    """1 to 5 as said; else 5 for contented words and 1 for discontented ones."""
    if turn.choice and 1 <= turn.choice <= 5:
        return turn.choice
    points = _POINTS.search(turn.text)
    if points:
        return int(points[1])
    return 1 if any(word in turn.text for word in _BAD_WORDS) else 5
