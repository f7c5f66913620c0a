"""Due dates worked out by hand from the State Council's notices, one by one.

Each row: start, length, last day. The day after the start is day 1.
"""

from datetime import date, datetime

import pytest

from backend.core.clock import SHANGHAI
from backend.core.db import Database
from backend.deadlines.calendar import WorkCalendar
from backend.deadlines.published import published_calendar
from backend.deadlines.repository import CalendarRepository
from backend.deadlines.rules import Event, LocalRules, due

Row = tuple[str, int, str]

WORKING_DAYS: dict[str, tuple[Row, ...]] = {
    "国庆中秋 2023, 9-29 to 10-06 off, 10-07 and 10-08 worked": (
        ("2023-09-25", 5, "2023-10-08"),
        ("2023-09-28", 3, "2023-10-09"),
        ("2023-09-28", 5, "2023-10-11"),
        ("2023-09-28", 10, "2023-10-18"),
        ("2023-10-06", 3, "2023-10-09"),
        ("2023-10-07", 5, "2023-10-12"),
    ),
    "中秋 and 国庆 2024, 9-14, 9-29 and 10-12 worked": (
        ("2024-09-13", 5, "2024-09-23"),
        ("2024-09-27", 3, "2024-10-08"),
        ("2024-09-27", 5, "2024-10-10"),
        ("2024-09-29", 5, "2024-10-11"),
        ("2024-09-30", 10, "2024-10-18"),
        ("2024-10-11", 3, "2024-10-15"),
    ),
    "国庆中秋 2025, 10-01 to 10-08 off, 9-28 and 10-11 worked": (
        ("2025-09-26", 5, "2025-10-10"),
        ("2025-09-28", 5, "2025-10-11"),
        ("2025-09-30", 3, "2025-10-11"),
        ("2025-09-30", 10, "2025-10-21"),
        ("2025-10-08", 5, "2025-10-14"),
    ),
    "中秋 and 国庆 2026, 9-20 and 10-10 worked": (
        ("2026-09-18", 5, "2026-09-24"),
        ("2026-09-24", 5, "2026-10-09"),
        ("2026-09-29", 5, "2026-10-12"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-09-30", 10, "2026-10-20"),
        ("2026-10-09", 3, "2026-10-13"),
    ),
    "春节 2023, 1-21 to 1-27 off, 1-28 and 1-29 worked": (
        ("2023-01-18", 5, "2023-01-30"),
        ("2023-01-20", 3, "2023-01-30"),
        ("2023-01-20", 10, "2023-02-08"),
    ),
    "春节 2024, 2-10 to 2-17 off, 2-04 and 2-18 worked": (
        ("2024-02-02", 5, "2024-02-08"),
        ("2024-02-08", 3, "2024-02-19"),
        ("2024-02-09", 5, "2024-02-22"),
        ("2024-02-09", 10, "2024-02-29"),
    ),
    "春节 2025, 1-28 to 2-04 off, 1-26 and 2-08 worked": (
        ("2025-01-23", 5, "2025-02-06"),
        ("2025-01-27", 3, "2025-02-07"),
        ("2025-01-27", 10, "2025-02-17"),
        ("2025-02-07", 3, "2025-02-11"),
    ),
    "春节 2026, 2-15 to 2-23 off, 2-14 and 2-28 worked": (
        ("2026-02-12", 5, "2026-02-26"),
        ("2026-02-13", 3, "2026-02-25"),
        ("2026-02-14", 5, "2026-02-28"),
        ("2026-02-14", 10, "2026-03-06"),
        ("2026-02-25", 5, "2026-03-03"),
        ("2026-02-27", 3, "2026-03-03"),
    ),
    "元旦, 清明, 劳动节, 端午 with their make-up days": (
        ("2025-12-30", 5, "2026-01-07"),
        ("2026-01-02", 3, "2026-01-06"),
        ("2026-04-03", 5, "2026-04-13"),
        ("2024-04-03", 3, "2024-04-09"),
        ("2026-04-30", 5, "2026-05-11"),
        ("2026-05-08", 3, "2026-05-12"),
        ("2025-04-25", 5, "2025-05-06"),
        ("2024-04-26", 10, "2024-05-13"),
        ("2026-06-18", 3, "2026-06-24"),
        ("2023-06-21", 5, "2023-06-29"),
        ("2025-05-30", 5, "2025-06-09"),
    ),
    "a year without notice: weekdays without the holidays of fixed date": (
        ("2026-12-28", 5, "2027-01-05"),
        ("2026-12-31", 3, "2027-01-06"),
        ("2026-12-31", 10, "2027-01-15"),
        ("2027-04-30", 5, "2027-05-07"),
    ),
}
CALENDAR_DAYS: dict[str, tuple[Row, ...]] = {
    "month ends": (
        ("2026-01-31", 15, "2026-02-15"),
        ("2026-04-30", 15, "2026-05-15"),
        ("2026-08-17", 15, "2026-09-01"),
        ("2026-12-20", 15, "2027-01-04"),
        ("2026-12-31", 30, "2027-01-30"),
    ),
    "February, common and leap": (
        ("2026-02-14", 15, "2026-03-01"),
        ("2024-02-14", 15, "2024-02-29"),
        ("2024-02-15", 15, "2024-03-01"),
        ("2028-02-28", 5, "2028-03-04"),
        ("2026-02-24", 5, "2026-03-01"),
        ("2024-01-30", 30, "2024-02-29"),
        ("2026-01-30", 30, "2026-03-01"),
    ),
    "over a holiday, ending within it": (
        ("2026-09-20", 15, "2026-10-05"),
        ("2026-02-03", 15, "2026-02-18"),
        ("2026-09-28", 5, "2026-10-03"),
    ),
}
MONTHS: dict[str, tuple[Row, ...]] = {
    "clipped to the last day": (
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-03-31", 1, "2026-04-30"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-08-29", 6, "2027-02-28"),
        ("2027-08-29", 6, "2028-02-29"),
        ("2026-12-31", 6, "2027-06-30"),
        ("2026-05-31", 6, "2026-11-30"),
    ),
    "the same day": (
        ("2026-02-28", 1, "2026-03-28"),
        ("2024-02-29", 1, "2024-03-29"),
        ("2026-11-03", 6, "2027-05-03"),
        ("2023-08-29", 6, "2024-02-29"),
        ("2026-07-01", 6, "2027-01-01"),
    ),
}
_WORKING = {3: Event.WISH_RECEIVED, 5: Event.PLAN_SUBMITTED, 10: Event.DIRECT_CONFIRMED}
_DAYS = {5: Event.PUBLICITY_STARTED, 15: Event.PROJECT_RECEIVED, 30: Event.CLAIM_PUBLISHED}
_MONTHS = {1: Event.CLAIMED, 6: Event.WORKS_CONFIRMED}


def rows() -> list[tuple[Event, str, str]]:
    """Every row with the rule of its length."""
    tables = ((_WORKING, WORKING_DAYS), (_DAYS, CALENDAR_DAYS), (_MONTHS, MONTHS))
    return [
        (events[length], start, end)
        for events, groups in tables
        for group in groups.values()
        for start, length, end in group
    ]


def last_day(event: Event, start: str, work: WorkCalendar) -> str:
    """The engine's answer for a start at ten in the morning."""
    begin = datetime.fromisoformat(f"{start}T10:00:00").replace(tzinfo=SHANGHAI)
    return due(event, begin, work=work, local=LocalRules()).at.date().isoformat()


def test_the_table_is_long_enough() -> None:
    assert len(rows()) >= 80
    assert len(set(rows())) == len(rows())


@pytest.mark.parametrize(("event", "start", "end"), rows())
def test_by_the_published_notices(event: Event, start: str, end: str) -> None:
    assert last_day(event, start, published_calendar()) == end


async def test_by_the_seeded_table(database: Database) -> None:
    async with database.transaction() as session:
        work = await CalendarRepository(session).around(date(2026, 11, 3))
    assert [last_day(event, start, work) for event, start, _ in rows()] == [r[2] for r in rows()]
