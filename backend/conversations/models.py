"""Conversations and their two kinds of messages.

Text is sealed at rest: people write phone numbers and illnesses into messages. Inbound and
outbound share one sequence per conversation; a number becomes visible only after all smaller
ones, because it is taken under the conversation's row lock.
"""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base


class TurnState(StrEnum):
    """What became of a citizen's message."""

    QUEUED = "queued"
    ANSWERED = "answered"
    ABANDONED = "abandoned"


class DeliveryState(StrEnum):
    """Where an outbound message is; ``unknown`` after a time-out without the provider's word."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Conversation(Base):
    """One citizen on one channel. ``address_hash`` is the keyed hash of who that is there."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("channel", "address_hash"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    channel: Mapped[str]
    address_hash: Mapped[str]
    last_seq: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    last_inbound_at: Mapped[datetime]
    outage_told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class InboundMessage(Base):
    """What a citizen sent, stored before it is acknowledged."""

    __tablename__ = "inbound_message"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        UniqueConstraint("conversation_id", "seq"),
        Index("ix_inbound_message_received", "conversation_id", "received_at"),
        CheckConstraint("turn_state in ('queued', 'answered', 'abandoned')", name="turn_state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id"))
    channel: Mapped[str]
    external_id: Mapped[str]
    client_id: Mapped[str]
    seq: Mapped[int]
    sealed: Mapped[str]
    received_at: Mapped[datetime]
    turn_state: Mapped[str] = mapped_column(default=TurnState.QUEUED)
    turn_ended_at: Mapped[datetime | None]


class OutboundMessage(Base):
    """What we say to a citizen, stored with the turn that says it."""

    __tablename__ = "outbound_message"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        UniqueConstraint("conversation_id", "seq"),
        Index("ix_outbound_message_undelivered", "conversation_id", "state"),
        CheckConstraint(
            "state in ('queued', 'sent', 'delivered', 'failed', 'unknown')", name="state"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id"))
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_message.id"))
    seq: Mapped[int]
    dedupe_key: Mapped[str]
    sealed: Mapped[str]
    is_urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(default=DeliveryState.QUEUED)
    failure: Mapped[str | None]
    receipt: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
