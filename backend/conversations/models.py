"""Conversations and their two kinds of messages.

Text is sealed at rest: people write phone numbers and illnesses into messages. Inbound and
outbound share one sequence per conversation; a number becomes visible only after all smaller
ones, because it is taken under the conversation's row lock.
"""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
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
    """One citizen on one channel. ``address_hash`` is the keyed hash of who that is there.

    ``sealed_address`` is kept where answers are sent to the address. ``card_village``: the place on
    the card whose code the citizen scanned, good until ``card_until``.
    """

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("channel", "address_hash"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    channel: Mapped[str]
    address_hash: Mapped[str]
    last_seq: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    last_inbound_at: Mapped[datetime | None]
    outage_told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    sealed_address: Mapped[str | None]
    card_village: Mapped[str | None]
    card_until: Mapped[datetime | None]


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
    answer_by: Mapped[datetime | None]


class OutboundMessage(Base):
    """What we say to a citizen, stored with the turn that says it.

    ``attempt_at``: a try has begun and its outcome is not recorded yet. ``via``: the way it went;
    ``receipt``: the provider's id of it.
    """

    __tablename__ = "outbound_message"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        UniqueConstraint("conversation_id", "seq"),
        Index("ix_outbound_message_undelivered", "conversation_id", "state"),
        Index("ix_outbound_message_state", "state", "id"),
        Index("ix_outbound_message_receipt", "receipt"),
        Index("ix_outbound_message_inbound", "inbound_id"),
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
    attempt_at: Mapped[datetime | None]
    via: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]


class DeliveryEvent(Base):
    """One step of a message's delivery; append-only."""

    __tablename__ = "delivery_event"
    __table_args__ = (Index("ix_delivery_event_outbound", "outbound_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    outbound_id: Mapped[int] = mapped_column(ForeignKey("outbound_message.id"))
    at: Mapped[datetime]
    what: Mapped[str]
    via: Mapped[str | None]
    receipt: Mapped[str | None]
    reason: Mapped[str | None]
    actor: Mapped[str | None]


class EvidenceState(StrEnum):
    """Whether a photo is here."""

    PENDING = "pending"
    KEPT = "kept"
    REFUSED = "refused"


class Evidence(Base):
    """A photo, re-encoded without its metadata and sealed.

    Sent in a conversation (``conversation_id``, ``inbound_id``; ``source`` is where the provider
    keeps the original until it is fetched) or added to a case by staff (``case_id``, ``added_by``).
    """

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("inbound_id"),
        Index("ix_evidence_conversation", "conversation_id", "id"),
        CheckConstraint("state in ('pending', 'kept', 'refused')", name="state"),
        CheckConstraint(
            "num_nonnulls(conversation_id, inbound_id) = 2"
            " and num_nonnulls(case_id, added_by) = 0"
            " or num_nonnulls(conversation_id, inbound_id) = 0"
            " and num_nonnulls(case_id, added_by) = 2",
            name="one_origin",
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversation.id"))
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_message.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    added_by: Mapped[str | None]
    caption: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=EvidenceState.PENDING)
    source: Mapped[str | None]
    refusal: Mapped[str | None]
    sealed: Mapped[str | None]
    media_type: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    sha256: Mapped[str | None]
    created_at: Mapped[datetime]
    kept_at: Mapped[datetime | None]
