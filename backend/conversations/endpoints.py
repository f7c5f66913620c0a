"""Dead letters for staff: what was not delivered, and sending it again."""

from typing import Annotated

from fastapi import APIRouter, Query

from backend.conversations.models import DeliveryState
from backend.conversations.undelivered import OutboundDesk
from backend.conversations.views import OutboundOut, OutboundPage
from backend.core.db import SessionDep
from backend.core.problems import problems
from backend.core.resources import ResourcesDep
from backend.staff.service import StaffDep

router = APIRouter(tags=["outbound"])


@router.get("/outbound", responses=problems(401, 403))
async def list_outbound(
    session: SessionDep,
    resources: ResourcesDep,
    staff: StaffDep,
    state: Annotated[list[DeliveryState] | None, Query()] = None,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> OutboundPage:
    """Messages sent over provider channels, newest first, with every step; never their words.

    ``before``: the last id of the page before.
    """
    return await OutboundDesk(session, resources.clock, staff).page(state or [], before, limit)


@router.post("/outbound/{outbound_id}/resend", responses=problems(401, 403, 404, 409))
async def resend(
    outbound_id: int, session: SessionDep, resources: ResourcesDep, staff: StaffDep
) -> OutboundOut:
    """Queue a message again that failed, or whose outcome is unknown."""
    return await OutboundDesk(session, resources.clock, staff).resend(outbound_id)
