"""Time: aware UTC inside, Asia/Shanghai at the edge."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, PlainSerializer

SHANGHAI = ZoneInfo("Asia/Shanghai")
_WEEKDAYS = "一二三四五六日"


class Clock(Protocol):
    """Whoever needs the present asks one of these."""

    def now(self) -> datetime:
        """Return the present as aware UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that stands where it was set (tests, recomputation)."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def to_local(moment: datetime) -> datetime:
    """The same moment in Dongguan's time."""
    return moment.astimezone(SHANGHAI)


def local_date(moment: datetime) -> date:
    """The calendar day in Dongguan at that moment."""
    return to_local(moment).date()


def weekday_date(day: date) -> str:
    """A day to plan for, as people write it: 2026年12月6日（周日）."""
    return f"{day.year}年{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def rfc3339(moment: datetime) -> str:
    """RFC 3339 with Dongguan's offset and whole seconds."""
    return to_local(moment).isoformat(timespec="seconds")


Timestamp = Annotated[AwareDatetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]
"""A pydantic field: any aware datetime in, ``2026-11-21T23:17:00+08:00`` out."""
