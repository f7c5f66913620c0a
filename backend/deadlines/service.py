"""The calendar as staff see and change it; every change has all deadlines computed anew."""

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import Clock
from backend.core.errors import ForbiddenError
from backend.core.jobs import defer
from backend.deadlines import published
from backend.deadlines.calendar import is_weekday
from backend.deadlines.errors import DayOutsideYearError
from backend.deadlines.repository import CalendarRepository
from backend.deadlines.schemas import DayIn, DayOut, YearIn, YearOut
from backend.staff.rules import StaffMember

RECOMPUTE_TASK = "cases.recompute_deadlines"
PROVISIONAL = "暂定"


class CalendarService:
    """The calendar within one request."""

    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._rows = CalendarRepository(session)

    async def year(self, year: int) -> YearOut:
        """Every day of a year; what no row says is provisional."""
        known = {row.date: row for row in await self._rows.days(year)}
        work = await self._rows.calendar(year, year)
        days = [
            DayOut(
                date=day,
                is_workday=work.is_workday(day),
                source=known[day].source if day in known else PROVISIONAL,
                provisional=day not in known,
            )
            for day in published.days_of(year)
        ]
        return YearOut(year=year, provisional=not work.has_notice(year), days=days)

    async def change_day(self, staff: StaffMember, day: date, new: DayIn) -> None:
        """Say whether one day is worked."""
        _require_city(staff)
        await self._put(staff, [(day, new.is_workday)], new.source)

    async def enter_notice(self, staff: StaffMember, year: int, new: YearIn) -> None:
        """Enter a year's official notice; the year is then no longer provisional.

        Raises:
            DayOutsideYearError: it names a day of another year, or a day twice.
        """
        _require_city(staff)
        free, worked = set(new.holidays), set(new.make_up_days)
        if free & worked or any(day.year != year for day in free | worked):
            raise DayOutsideYearError
        days = [
            (day, day in worked or (is_weekday(day) and day not in free))
            for day in published.days_of(year)
        ]
        await self._put(staff, days, new.source)

    async def _put(self, staff: StaffMember, days: list[tuple[date, bool]], source: str) -> None:
        now: datetime = self._clock.now()
        await self._rows.put(days, source=source, staff=staff.username, now=now)
        await defer(self._session, RECOMPUTE_TASK, gives_way=True)


async def seed(session: AsyncSession) -> int:
    """Fill the table with what the library knows; how many days are new or different."""
    rows = CalendarRepository(session)
    changed = 0
    for year in published.published_years():
        days = [(day, published.published_day(day)) for day in published.days_of(year)]
        changed += await rows.seed(days, published.source())
    return changed


def _require_city(staff: StaffMember) -> None:
    if staff.role != "city":
        raise ForbiddenError
