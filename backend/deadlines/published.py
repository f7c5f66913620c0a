"""The official notices as the library ``chinesecalendar`` carries them: what the table starts from.

A release of the library in November brings the next year's notice.
"""

from datetime import date, timedelta
from functools import lru_cache
from importlib.metadata import version

import chinese_calendar

from backend.deadlines.calendar import WorkCalendar, is_weekday

FIRST_YEAR = 2020
_LAST_YEAR_ASKED = 2100


def source() -> str:
    """Where these days come from, for the table."""
    return f"chinesecalendar {version('chinesecalendar')}"


@lru_cache(maxsize=1)
def published_years() -> tuple[int, ...]:
    """The years whose notice the library knows, from the programme's first on."""
    years = []
    for year in range(FIRST_YEAR, _LAST_YEAR_ASKED):
        try:
            chinese_calendar.is_workday(date(year, 12, 31))
        except NotImplementedError:
            break
        years.append(year)
    return tuple(years)


def days_of(year: int) -> list[date]:
    """All days of a year."""
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def published_day(day: date) -> bool:
    """Whether a day of a published year is worked."""
    return bool(chinese_calendar.is_workday(day))


@lru_cache(maxsize=1)
def published_calendar() -> WorkCalendar:
    """The library's years as a calendar, without what operators changed."""
    years = published_years()
    every = (day for year in years for day in days_of(year))
    exceptions = {day: published_day(day) for day in every if published_day(day) != is_weekday(day)}
    return WorkCalendar(exceptions, frozenset(years))
