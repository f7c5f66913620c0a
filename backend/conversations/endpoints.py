"""Dead letters for staff: what was not delivered, and sending it again."""

from typing import Annotated

from fastapi import APIRouter, Query

from backend.conversations.delivery_repository import DeliveryRepository
from backend.conversations.errors import MessageNotFoundError, NotResendableError
from backend.conversations.models import DeliveryState
from backend.conversations.outbound import queue_delivery
from backend.conversations.views import OutboundOut, OutboundPage, outbound_out
from backend.core.db import SessionDep
from backend.core.errors import ForbiddenError
from backend.core.problems import problems
from backend.core.resources import ResourcesDep
from backend.staff.rules import StaffMember
from backend.staff.service import StaffDep

router = APIRouter(tags=["outbound"])
_READERS = ("city", "auditor")
_SENDERS = ("city",)


@router.get("/outbound", responses=problems(401, 403))
async def list_outbound(
    session: SessionDep,
    staff: StaffDep,
    state: Annotated[list[DeliveryState] | None, Query()] = None,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> OutboundPage:
    """Messages sent over provider channels, newest first, with every step; never their words.

    ``before``: the last id of the page before.
    """
    _require(staff, _READERS)
    deliveries = DeliveryRepository(session)
    found = await deliveries.listed(state or [], before, limit)
    history = await deliveries.history([item.row.id for item in found])
    items = [outbound_out(item, history[item.row.id]) for item in found]
    more = items[-1].id if len(items) == limit else None
    return OutboundPage(items=items, next_before=more)


@router.post("/outbound/{outbound_id}/resend", responses=problems(401, 403, 404, 409))
async def resend(
    outbound_id: int, session: SessionDep, resources: ResourcesDep, staff: StaffDep
) -> OutboundOut:
    """Queue a message again that failed, or whose outcome is unknown."""
    _require(staff, _SENDERS)
    deliveries = DeliveryRepository(session)
    row = await deliveries.lock(outbound_id) if outbound_id < 2**62 else None
    if row is None:
        raise MessageNotFoundError
    if row.state not in (DeliveryState.FAILED, DeliveryState.UNKNOWN):
        raise NotResendableError
    row.state, row.failure, row.attempt_at = DeliveryState.QUEUED, None, None
    row.attempts, row.via, row.receipt = 0, None, None
    await deliveries.note(row, "resent", resources.clock.now(), actor=staff.username)
    await queue_delivery(session, row)
    history = await deliveries.history([row.id])
    channel = await deliveries.channel_of(row)
    return outbound_out((row, channel), history[row.id])


def _require(staff: StaffMember, roles: tuple[str, ...]) -> None:
    if staff.role not in roles:
        raise ForbiddenError
