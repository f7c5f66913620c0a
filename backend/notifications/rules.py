"""Which step is told by which text, and when. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal

from backend.cases.rules import CALL_MISSED, DANGER, PROJECT, Status
from backend.core.clock import SHANGHAI, to_local

CREATED, NOTE, EXTENDED = "created", "note", "deadline_extended"
GRANTED = "extension_granted"
"""An extension that was asked for and granted; ``EXTENDED`` was given without being asked."""
TRANSITION = "transition"
CHANNELS = ("sms", "webchat", "wechat")
Wish = Literal["sms", "wechat", "none", "resume", "not_sms", "not_wechat"]
"""What citizens say of notices: by this channel, no more at all, again, not by this channel."""
AT_ONCE = frozenset({CREATED, DANGER, CALL_MISSED})
"""Told without waiting for further steps."""
NOT_DECISIVE = frozenset({Status.RECEIVED})
_RETURNS = {
    (Status.REVIEW, Status.DELIBERATION): "review_returned",
    (Status.PUBLICITY, Status.DELIBERATION): "review_returned",
    (Status.REFERRED, Status.RECEIVED): "returned",
    (Status.CLAIMED, Status.CLAIM_OPEN): "claim_returned",
}
_SAID_OF_WISHES = frozenset({Status.CLAIM_PENDING, Status.CLAIM_OPEN, Status.CLAIMED})
"""These texts speak of a wish; a 微实事 has texts of its own."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, as far as the choice of a text needs it."""

    kind: str
    from_status: str | None = None
    to_status: str | None = None
    note: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    """What staff recorded with the step, by code of ``step_fields.yml``."""


def template_of(category: str, event: Happening) -> str | None:
    """The name of the text that tells of this event; ``None`` if it is not decisive."""
    if event.kind == CREATED:
        return f"filed_{category}"
    if event.kind == TRANSITION and event.to_status is not None:
        return _of_transition(category, event, Status(event.to_status))
    if event.kind == NOTE and event.note:
        return "note"
    return _BY_KIND.get(event.kind)


_BY_KIND = {
    EXTENDED: "extended",
    GRANTED: "extended",
    CALL_MISSED: "callback_missed",
    DANGER: "danger",
}


def _of_transition(category: str, event: Happening, to: Status) -> str | None:
    origin = Status(event.from_status) if event.from_status else None
    if origin == Status.SUSPENDED and to != Status.WITHDRAWN:
        return "resumed"
    if origin and (origin, to) in _RETURNS:
        return _RETURNS[origin, to]
    if to == Status.DELIBERATION and event.fields.get("meeting_on"):
        return "meeting_fixed"
    if category == PROJECT and to in _SAID_OF_WISHES:
        return f"{to.value}_{category}"
    return None if to in NOT_DECISIVE else to.value


def heeded(wish: Wish, muted: set[str], preferred: str | None) -> tuple[set[str], str | None]:
    """Muted channels and the chosen one after a wish."""
    if wish == "none":
        return set(CHANNELS), None
    if wish == "resume":
        return set(), preferred
    if wish in ("not_sms", "not_wechat"):
        channel = wish.removeprefix("not_")
        return muted | {channel}, None if preferred == channel else preferred
    return muted - {wish}, wish


def quiet_until(now: datetime, from_hour: int, until_hour: int) -> datetime | None:
    """When the quiet hours that hold at ``now`` end; ``None`` outside them.

    Hours are Dongguan's; 21 to 8 goes over midnight, equal hours mean no quiet at all.
    """
    local = to_local(now)
    ends = datetime.combine(local.date(), time(until_hour), SHANGHAI)
    if from_hour == until_hour:
        return None
    if from_hour < until_hour:
        return ends if from_hour <= local.hour < until_hour else None
    if local.hour >= from_hour:
        return ends + timedelta(days=1)
    return ends if local.hour < until_hour else None


def send_after(kind: str, now: datetime, merge_minutes: int) -> datetime:
    """When a notice of this event goes out, if no quiet hours hold then."""
    return now if kind in AT_ONCE else now + timedelta(minutes=merge_minutes)
