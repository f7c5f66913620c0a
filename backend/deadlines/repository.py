"""Queries on the table of days."""

import calendar
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import extract, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.deadlines.calendar import WorkCalendar
from backend.deadlines.models import CalendarDay
from backend.deadlines.published import FIRST_YEAR

_YEARS_AHEAD = 3
_FRIDAY_ISO = 5


class CalendarRepository:
    """Days of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def around(self, day: date) -> WorkCalendar:
        """The calendar from the programme's first year to three years after that day."""
        return await self.calendar(FIRST_YEAR, day.year + _YEARS_AHEAD)

    async def calendar(self, first_year: int, last_year: int) -> WorkCalendar:
        """The calendar of these years, as the table has it."""
        within = CalendarDay.date.between(date(first_year, 1, 1), date(last_year, 12, 31))
        year = extract("year", CalendarDay.date)
        counts = await self._session.execute(
            select(year, func.count()).where(within).group_by(year)
        )
        noticed = frozenset(int(y) for y, n in counts if n == 365 + calendar.isleap(int(y)))
        weekday = extract("isodow", CalendarDay.date) <= _FRIDAY_ISO
        odd = or_(CalendarDay.is_workday != weekday, year.not_in(noticed))
        rows = await self._session.execute(
            select(CalendarDay.date, CalendarDay.is_workday).where(within, odd)
        )
        exceptions: dict[date, bool] = {row.date: row.is_workday for row in rows}
        return WorkCalendar(exceptions, noticed)

    async def days(self, year: int) -> Sequence[CalendarDay]:
        """The rows of one year, in order."""
        within = CalendarDay.date.between(date(year, 1, 1), date(year, 12, 31))
        statement = select(CalendarDay).where(within).order_by(CalendarDay.date)
        return (await self._session.scalars(statement)).all()

    async def seed(self, days: Iterable[tuple[date, bool]], source: str) -> int:
        """Take a library's word where staff have not decided; how many rows are new or different."""
        values = [{"date": day, "is_workday": worked, "source": source} for day, worked in days]
        if not values:
            return 0
        statement = insert(CalendarDay).values(values)
        statement = statement.on_conflict_do_update(
            index_elements=["date"],
            set_={"is_workday": statement.excluded.is_workday, "source": source},
            where=CalendarDay.changed_by.is_(None)
            & (CalendarDay.is_workday != statement.excluded.is_workday),
        )
        changed = await self._session.scalars(statement.returning(CalendarDay.date))
        return len(changed.all())

    async def put(
        self, days: Iterable[tuple[date, bool]], *, source: str, staff: str, now: datetime
    ) -> None:
        """Store what a member of staff says about some days."""
        given = {"source": source, "changed_by": staff, "changed_at": now}
        values: list[dict[str, Any]] = [
            {"date": day, "is_workday": worked} | given for day, worked in days
        ]
        statement = insert(CalendarDay).values(values)
        new = statement.excluded
        await self._session.execute(
            statement.on_conflict_do_update(
                index_elements=["date"],
                set_={"is_workday": new.is_workday} | given,
            )
        )
