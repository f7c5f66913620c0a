"""Builders of turns, as the assistant would have understood them."""

from __future__ import annotations

from typing import Any

from actions.turn import Turn

SHANGSHA = "441900119011"
CHANGAN = "441900119"


def turn(text: str = "", intent: str = "inform", **facts: Any) -> Turn:
    """A turn with these facts; `requests` go where the triage puts them."""
    requests = tuple(facts.pop("requests", ()))
    return Turn("c1", "m1", "webchat", text, intent, requests=requests, facts=facts)


def request(
    type_: str, category: str = "weishishi", confidence: float = 0.95, text: str = "", **fields: Any
) -> dict[str, Any]:
    """A request of the triage result."""
    return {
        "category": category,
        "type": type_,
        "confidence": confidence,
        "ranking": [{"type": type_, "score": confidence}],
        "summary": text,
        "description": text,
        "fields": fields,
    }


def place(
    village: str | None = SHANGSHA, town: str | None = CHANGAN, **more: Any
) -> dict[str, Any]:
    """A place that the request lies in."""
    return {"village": village, "town": town, "candidates": [], "role": "request", **more}


def phone(value: str = "13800001234", *, valid: bool = True) -> dict[str, Any]:
    """The caller's phone number."""
    return {"value": value, "valid": valid, "of": "caller"}


def names(step: Any) -> list[str]:
    """The responses of a step, in order."""
    return [saying.response for saying in step.sayings]
