"""Queries of the delivery: outbound rows under a lock, their history, the dead letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import (
    Conversation,
    DeliveryEvent,
    DeliveryState,
    InboundMessage,
    OutboundMessage,
)
from backend.core.db import locked

# built once: building a statement costs more than running it
_CLAIMABLE = locked(
    select(OutboundMessage)
    .where(
        OutboundMessage.inbound_id == bindparam("answered"),
        or_(
            OutboundMessage.via == bindparam("way"),
            and_(
                OutboundMessage.state == DeliveryState.QUEUED,
                OutboundMessage.attempt_at.is_(None),
            ),
        ),
    )
    .order_by(OutboundMessage.seq)
)
_LOCKED = locked(select(OutboundMessage).where(OutboundMessage.id == bindparam("outbound_id")))
_LOCKED_WITH_CONVERSATION = locked(
    select(OutboundMessage, Conversation)
    .join(Conversation, Conversation.id == OutboundMessage.conversation_id)
    .where(OutboundMessage.id == bindparam("outbound_id")),
    of=OutboundMessage,
)
_OPEN_BEFORE = select(
    exists().where(
        OutboundMessage.conversation_id == bindparam("conversation"),
        OutboundMessage.seq < bindparam("before"),
        OutboundMessage.state == DeliveryState.QUEUED,
    )
)


class Listed(NamedTuple):
    """One message of the staff's list."""

    row: OutboundMessage
    channel: str


@dataclass(frozen=True, slots=True)
class DeliveryRepository:
    """Deliveries inside one session's transaction."""

    session: AsyncSession

    async def lock(self, outbound_id: int) -> OutboundMessage | None:
        """The message, locked until the transaction ends."""
        found = await self.session.scalars(_LOCKED, {"outbound_id": outbound_id})
        return found.one_or_none()

    async def lock_with_conversation(
        self, outbound_id: int
    ) -> tuple[OutboundMessage, Conversation] | None:
        """The message, locked until the transaction ends, and its conversation."""
        found = await self.session.execute(_LOCKED_WITH_CONVERSATION, {"outbound_id": outbound_id})
        row = found.one_or_none()
        return None if row is None else (row[0], row[1])

    async def has_open_before(self, row: OutboundMessage) -> bool:
        """Whether an earlier message of the same conversation is not settled yet."""
        values = {"conversation": row.conversation_id, "before": row.seq}
        return bool(await self.session.scalar(_OPEN_BEFORE, values))

    async def lock_by_receipt(self, channel: str, receipt: str) -> OutboundMessage | None:
        """The message which that channel's provider knows under this id, locked."""
        same_channel = OutboundMessage.conversation_id.in_(
            select(Conversation.id).where(Conversation.channel == channel)
        )
        found = await self.session.scalars(
            locked(
                select(OutboundMessage)
                .where(OutboundMessage.receipt == receipt, same_channel)
                .order_by(OutboundMessage.id.desc())
                .limit(1)
            )
        )
        return found.one_or_none()

    async def claimable(self, inbound_id: int, via: str) -> list[OutboundMessage]:
        """What answers that message and nobody has begun to send, or went that way; locked."""
        values = {"answered": inbound_id, "way": via}
        return list(await self.session.scalars(_CLAIMABLE, values))

    async def waiting_behind(self, row: OutboundMessage, now: datetime) -> list[OutboundMessage]:
        """Later messages of the same conversation that nobody has begun to send, locked, in order.

        What a channel may still carry back itself, and what comes after it, stays out.
        """
        found = await self.session.execute(
            locked(
                select(OutboundMessage, InboundMessage.answer_by)
                .outerjoin(InboundMessage, InboundMessage.id == OutboundMessage.inbound_id)
                .where(
                    OutboundMessage.conversation_id == row.conversation_id,
                    OutboundMessage.seq > row.seq,
                    OutboundMessage.state == DeliveryState.QUEUED,
                )
                .order_by(OutboundMessage.seq),
                of=OutboundMessage,
            )
        )
        waiting = []
        for later, answer_by in found:
            if later.attempt_at is not None or (answer_by is not None and answer_by > now):
                break
            waiting.append(later)
        return waiting

    async def note(
        self,
        row: OutboundMessage,
        what: str,
        at: datetime,
        *,
        reason: str | None = None,
        actor: str | None = None,
    ) -> None:
        """Append one step to the message's history."""
        self.session.add(
            DeliveryEvent(
                outbound_id=row.id,
                at=at,
                what=what,
                via=row.via,
                receipt=row.receipt,
                reason=reason,
                actor=actor,
            )
        )
        await self.session.flush()

    async def listed(
        self, states: Sequence[DeliveryState], before_id: int | None, limit: int
    ) -> list[Listed]:
        """Messages that are sent rather than fetched, newest first."""
        query = (
            select(OutboundMessage, Conversation.channel)
            .join(Conversation, Conversation.id == OutboundMessage.conversation_id)
            .where(Conversation.sealed_address.is_not(None))
            .order_by(OutboundMessage.id.desc())
            .limit(limit)
        )
        if states:
            query = query.where(OutboundMessage.state.in_(states))
        if before_id is not None:
            query = query.where(OutboundMessage.id < before_id)
        return [Listed(row, channel) for row, channel in await self.session.execute(query)]

    async def channel_of(self, row: OutboundMessage) -> str:
        """The channel of the message's conversation."""
        found = await self.session.scalars(
            select(Conversation.channel).where(Conversation.id == row.conversation_id)
        )
        return found.one()

    async def history(self, outbound_ids: Sequence[int]) -> dict[int, list[DeliveryEvent]]:
        """The steps of these messages, oldest first."""
        steps: dict[int, list[DeliveryEvent]] = {outbound_id: [] for outbound_id in outbound_ids}
        found = await self.session.scalars(
            select(DeliveryEvent)
            .where(DeliveryEvent.outbound_id.in_(outbound_ids))
            .order_by(DeliveryEvent.id)
        )
        for event in found:
            steps[event.outbound_id].append(event)
        return steps
