"""Dead letters: messages that did not arrive, for the staff who see to it."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.delivery_repository import DeliveryRepository
from backend.conversations.errors import MessageNotFoundError, NotResendableError
from backend.conversations.models import DeliveryState
from backend.conversations.outbound import queue_delivery
from backend.conversations.views import OutboundOut, OutboundPage, outbound_out
from backend.core.clock import Clock
from backend.core.errors import ForbiddenError
from backend.staff.rules import Permission, StaffMember, may

UNDELIVERED = (DeliveryState.FAILED, DeliveryState.UNKNOWN)
_MOST = 2**62


class OutboundDesk:
    """What one member of staff may see of sent messages and do with them, within one request."""

    def __init__(self, session: AsyncSession, clock: Clock, staff: StaffMember) -> None:
        self._deliveries = DeliveryRepository(session)
        self._session = session
        self._clock = clock
        self._staff = staff

    async def page(
        self, states: Sequence[DeliveryState], before: int | None, limit: int
    ) -> OutboundPage:
        """Messages in these states (in any, without one), newest first, with their steps.

        Raises:
            ForbiddenError: not this role's.
        """
        self._require("see_outbound")
        found = await self._deliveries.listed(states, before, limit)
        history = await self._deliveries.history([item.row.id for item in found])
        items = [outbound_out(item, history[item.row.id]) for item in found]
        more = items[-1].id if len(items) == limit else None
        return OutboundPage(items=items, next_before=more)

    async def resend(self, outbound_id: int) -> OutboundOut:
        """Queue a message again that failed, or whose outcome is unknown.

        Raises:
            ForbiddenError: not this role's. MessageNotFoundError. NotResendableError: it is on its
                way, or has arrived.
        """
        self._require("resend_outbound")
        row = await self._deliveries.lock(outbound_id) if outbound_id < _MOST else None
        if row is None:
            raise MessageNotFoundError
        if row.state not in UNDELIVERED:
            raise NotResendableError
        row.state, row.failure, row.attempt_at = DeliveryState.QUEUED, None, None
        row.attempts, row.via, row.receipt = 0, None, None
        now, who = self._clock.now(), self._staff.username
        await self._deliveries.note(row, "resent", now, actor=who)
        await queue_delivery(self._session, row)
        history = await self._deliveries.history([row.id])
        channel = await self._deliveries.channel_of(row)
        return outbound_out((row, channel), history[row.id])

    def _require(self, permission: Permission) -> None:
        if not may(self._staff, permission):
            raise ForbiddenError
