"""Working days in mainland China: the State Council's yearly notices, make-up days included."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import chinese_calendar

_SATURDAY = 5
_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Statutory days with a fixed date, for years whose notice is not out yet."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked; ``overrides`` (day → worked?) win over the library."""

    overrides: Mapping[date, bool] = field(default_factory=dict)

    def has_notice(self, year: int) -> bool:
        """Whether that year's official notice is known here."""
        try:
            chinese_calendar.is_workday(date(year, 12, 31))
        except NotImplementedError:
            return False
        return True

    def is_workday(self, day: date) -> bool:
        """Whether that day is worked; without a notice Monday to Friday minus fixed holidays."""
        if day in self.overrides:
            return self.overrides[day]
        if self.has_notice(day.year):
            return bool(chinese_calendar.is_workday(day))
        return day.weekday() < _SATURDAY and (day.month, day.day) not in _FIXED_HOLIDAYS

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
