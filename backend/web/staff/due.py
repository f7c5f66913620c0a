"""How a deadline looks to staff: how long is left, and how urgent that is. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from backend.cases.schemas import DueOut
from backend.core.clock import local_date

_SOON_DAYS = 3


@dataclass(frozen=True, slots=True)
class Remaining:
    """``超期2天`` and its tone."""

    text: str
    tone: Literal["bad", "warn", "quiet"]


def remaining(due: DueOut, now: datetime) -> Remaining:
    """What is left until the end of the deadline's day."""
    days = (local_date(due.at) - local_date(now)).days
    if due.at <= now:
        return Remaining(f"超期{-days}天" if days else "今天已超时", "bad")
    if days == 0:
        return Remaining("今天到期", "warn")
    return Remaining(f"还有{days}天", "warn" if days <= _SOON_DAYS else "quiet")
