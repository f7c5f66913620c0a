"""The API of clocks: pauses, extensions, reminders, follow-ups."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from starlette.status import HTTP_201_CREATED

from backend.cases.approvals import ClockDesk
from backend.cases.followups import FollowUpDesk
from backend.cases.reminders import Level, ReminderDesk
from backend.cases.schemas import (
    CaseDetail,
    ClockChangeIn,
    ExtensionIn,
    FollowUpDone,
    FollowUpList,
    FollowUpOut,
    ReminderList,
)
from backend.core.db import SessionDep
from backend.core.problems import problems
from backend.core.resources import ResourcesDep
from backend.staff.service import StaffDep

router = APIRouter(tags=["deadlines"], responses=problems(401, 403, 422))


@router.post(
    "/cases/{case_no}/deadline/extensions",
    status_code=HTTP_201_CREATED,
    summary="Grant further days",
    responses=problems(400, 404, 409),
)
async def extend_deadline(
    case_no: str,
    wish: ExtensionIn,
    staff: StaffDep,
    session: SessionDep,
    resources: ResourcesDep,
) -> CaseDetail:
    """For town and city, who thereby approve it; 409 where no clock runs or it is paused."""
    return await ClockDesk(session, resources, staff).extend(case_no, wish)


@router.post(
    "/cases/{case_no}/deadline/pauses",
    status_code=HTTP_201_CREATED,
    summary="Stop the clock",
    responses=problems(400, 404, 409),
)
async def pause_deadline(
    case_no: str,
    wish: ClockChangeIn,
    staff: StaffDep,
    session: SessionDep,
    resources: ResourcesDep,
) -> CaseDetail:
    """For town and city, who thereby approve it; the days until it goes on do not count."""
    return await ClockDesk(session, resources, staff).pause(case_no, wish)


@router.post(
    "/cases/{case_no}/deadline/resumptions",
    status_code=HTTP_201_CREATED,
    summary="Let the clock go on",
    responses=problems(400, 404, 409),
)
async def resume_deadline(
    case_no: str,
    wish: ClockChangeIn,
    staff: StaffDep,
    session: SessionDep,
    resources: ResourcesDep,
) -> CaseDetail:
    """For town and city; 409 where it is not paused."""
    return await ClockDesk(session, resources, staff).resume(case_no, wish)


@router.get("/reminders", summary="Deadlines near and past")
async def list_reminders(
    staff: StaffDep,
    session: SessionDep,
    resources: ResourcesDep,
    level: Annotated[Level | None, Query()] = None,
) -> ReminderList:
    """Reminders of the cases in one's scope, newest first."""
    return await ReminderDesk(session, resources, staff).listed(level)


@router.get("/follow-ups", summary="Whom to ask whether it is solved")
async def list_follow_ups(
    staff: StaffDep,
    session: SessionDep,
    resources: ResourcesDep,
    status: Annotated[Literal["open", "done"], Query()] = "open",
) -> FollowUpList:
    """回访 of the cases in one's scope, the most urgent first."""
    return await FollowUpDesk(session, resources, staff).listed(is_open=status == "open")


@router.post("/follow-ups/{follow_up_id}/done", summary="Asked", responses=problems(404, 409))
async def finish_follow_up(
    follow_up_id: Annotated[int, Path(ge=1, lt=2**63)],
    done: FollowUpDone,
    staff: StaffDep,
    session: SessionDep,
    resources: ResourcesDep,
) -> FollowUpOut:
    """Write down what it found; ``unresolved`` is followed by the step to 重办."""
    return await FollowUpDesk(session, resources, staff).close(follow_up_id, done)
