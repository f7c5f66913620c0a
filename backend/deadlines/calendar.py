"""Working days in mainland China: the State Council's yearly notices, make-up days included. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

_SATURDAY = 5
_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Statutory days with a fixed date, for years whose notice is not out yet."""


def is_weekday(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < _SATURDAY


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked.

    ``exceptions`` (day → worked?) are the days that are not as their weekday says; ``noticed`` are
    the years whose official notice is known. Every other year is provisional (暂定): Monday to
    Friday without the holidays of fixed date.
    """

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    noticed: frozenset[int] = frozenset()

    def has_notice(self, year: int) -> bool:
        """Whether that year's official notice is known here."""
        return year in self.noticed

    def is_workday(self, day: date) -> bool:
        """Whether that day is worked, as far as is known."""
        if day in self.exceptions:
            return self.exceptions[day]
        if self.has_notice(day.year):
            return is_weekday(day)
        return is_weekday(day) and (day.month, day.day) not in _FIXED_HOLIDAYS

    def add_workdays(self, start: date, count: int) -> date:
        """The ``count``-th working day after ``start`` (the day after is the first to look at)."""
        day = start
        while count:
            day += timedelta(days=1)
            count -= self.is_workday(day)
        return day

    def next_workday(self, day: date) -> date:
        """That day if worked, else the next one that is."""
        while not self.is_workday(day):
            day += timedelta(days=1)
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """How many working days lie after ``start`` up to and including ``end``."""
        days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        return sum(self.is_workday(day) for day in days)
