"""POST /callbacks for the service; GET and done for those who ring."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from starlette.status import HTTP_201_CREATED

from backend.callbacks.schemas import CallbackIn, CallbackList, CallbackOut, CallbackReceipt
from backend.callbacks.service import CallbackService
from backend.core.db import SessionDep
from backend.core.problems import problems
from backend.core.resources import ResourcesDep
from backend.staff.service import ServiceDep, StaffDep

router = APIRouter(prefix="/callbacks", tags=["callbacks"], responses=problems(401, 403, 422))


@router.post("", status_code=HTTP_201_CREATED, summary="Ask to be rung")
async def create_callback(
    new: CallbackIn, _: ServiceDep, session: SessionDep, resources: ResourcesDep
) -> CallbackReceipt:
    """One open task per conversation and reason."""
    return await CallbackService(session, resources).record(new)


@router.get("", summary="Who must be rung")
async def list_callbacks(
    staff: StaffDep,
    session: SessionDep,
    resources: ResourcesDep,
    response: Response,
    status: Annotated[Literal["open", "done"], Query()] = "open",
) -> CallbackList:
    """For hotline and city all of them, for village and town those of their place; danger first."""
    response.headers["Cache-Control"] = "no-store"
    return await CallbackService(session, resources).listed(staff, status)


@router.post("/{task_id}/done", summary="Rung", responses=problems(404))
async def finish_callback(
    task_id: Annotated[int, Path(ge=1, lt=2**63)],
    staff: StaffDep,
    session: SessionDep,
    resources: ResourcesDep,
) -> CallbackOut:
    """Mark a task as done."""
    return await CallbackService(session, resources).finish(staff, task_id)
