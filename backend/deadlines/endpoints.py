"""The calendar and the table of clocks."""

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path

from backend.core.db import SessionDep
from backend.core.problems import problems
from backend.core.resources import ResourcesDep
from backend.deadlines.clockwork import local_rules
from backend.deadlines.rules import RULES
from backend.deadlines.schemas import DayIn, RuleOut, YearIn, YearOut
from backend.deadlines.service import CalendarService
from backend.staff.service import CallerDep, StaffDep

router = APIRouter(tags=["deadlines"], responses=problems(401, 403, 422))

Year = Annotated[int, Path(ge=2020, le=2099)]


@router.get("/deadline-rules", summary="Every clock with its clause")
async def list_rules(_: CallerDep, resources: ResourcesDep) -> list[RuleOut]:
    """The programme's numbers, with this installation's where the plan has none."""
    local = local_rules(resources.settings)
    rules = (asdict(local.apply(rule)) for rule in RULES.values())
    return [RuleOut.model_validate({**rule, "event": rule["event"].value}) for rule in rules]


@router.get("/calendar/{year}", summary="A year's working days")
async def read_year(
    year: Year, _: CallerDep, session: SessionDep, resources: ResourcesDep
) -> YearOut:
    """Every day with its source; ``provisional`` while the year's notice is not known."""
    return await CalendarService(session, resources.clock).year(year)


@router.put("/calendar/{year}", summary="Enter a year's notice", responses=problems(400))
async def put_year(
    year: Year, new: YearIn, staff: StaffDep, session: SessionDep, resources: ResourcesDep
) -> YearOut:
    """For the city; all deadlines are computed anew."""
    service = CalendarService(session, resources.clock)
    await service.enter_notice(staff, year, new)
    return await service.year(year)


@router.put("/calendar/days/{day}", summary="Change one day")
async def put_day(
    day: date, new: DayIn, staff: StaffDep, session: SessionDep, resources: ResourcesDep
) -> YearOut:
    """For the city; all deadlines are computed anew."""
    service = CalendarService(session, resources.clock)
    await service.change_day(staff, day, new)
    return await service.year(day.year)
