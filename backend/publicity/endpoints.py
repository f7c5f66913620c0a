"""The public's API: open to anybody, without identity."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from backend.cases.schemas import PlaceCode
from backend.core.db import SessionDep
from backend.core.problems import problems
from backend.core.resources import ResourcesDep
from backend.publicity.schemas import PublicItem, PublicList, Statistics
from backend.publicity.service import Noticeboard
from backend.publicity.statistics import StatisticsDesk
from backend.staff.rules import Section

router = APIRouter(prefix="/public", tags=["public"], responses=problems(422))
Cursor = Annotated[str | None, Query(max_length=40)]
Number = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/publications", summary="What is in public notice, to claim, under way or done")
async def list_publications(
    session: SessionDep,
    resources: ResourcesDep,
    section: Section = "notice",
    town: PlaceCode | None = None,
    cursor: Cursor = None,
) -> PublicList:
    """Newest first."""
    return await Noticeboard(session, resources.clock.now()).page(section, town=town, cursor=cursor)


@router.get("/publications/{number}", summary="One publication", responses=problems(404))
async def read_publication(
    number: Number, session: SessionDep, resources: ResourcesDep
) -> PublicItem:
    """By its public number, while it is public."""
    return await Noticeboard(session, resources.clock.now()).one(number)


@router.get("/statistics", summary="The programme in numbers")
async def read_statistics(session: SessionDep, resources: ResourcesDep) -> Statistics:
    """Counted every ten minutes; ``at`` says when."""
    return await StatisticsDesk(session, resources).all()
