"""Notices, the steps they tell of, the log of every attempt, and what people want."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base


class NoticeState(StrEnum):
    """Where a notice is; ``handed`` waits for the channel's word, the last four are final."""

    WAITING = "waiting"
    HANDED = "handed"
    DELIVERED = "delivered"
    CALLED = "called"
    SKIPPED = "skipped"
    FAILED = "failed"


class Notice(Base):
    """One message to one follower about one or more steps that came close together.

    ``channel`` and ``outbound_id``: where it was handed over last; ``tried``: channels that did not
    bring it. ``promised``: the registered text (``template``, ``variables``; nothing of a person)
    that somebody was told they would get; such a notice takes no further steps in.
    """

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint(
            "state in ('waiting', 'handed', 'delivered', 'called', 'skipped', 'failed')",
            name="state_known",
        ),
        Index(
            "uq_notice_waiting",
            "case_id",
            "follower_id",
            unique=True,
            postgresql_where="state = 'waiting' and channel is null and promised is null",
        ),
        Index(None, "state", "send_after"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    follower_id: Mapped[int] = mapped_column(ForeignKey("case_follower.id"))
    state: Mapped[str] = mapped_column(default=NoticeState.WAITING)
    is_urgent: Mapped[bool] = mapped_column(default=False)
    send_after: Mapped[datetime]
    channel: Mapped[str | None]
    outbound_id: Mapped[int | None] = mapped_column(ForeignKey("outbound_message.id"))
    tried: Mapped[list[str]] = mapped_column(default=list)
    promised: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    handed_at: Mapped[datetime | None]


class NoticeStep(Base):
    """The event a notice tells a follower of: once each."""

    __tablename__ = "notice_step"
    __table_args__ = (PrimaryKeyConstraint("event_id", "follower_id"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))
    follower_id: Mapped[int] = mapped_column(ForeignKey("case_follower.id"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True)


class Dispatch(Base):
    """One line of the dispatch log; append-only. ``key`` is case:event:follower:channel."""

    __tablename__ = "notice_dispatch"
    __table_args__ = (
        CheckConstraint(
            "outcome in ('sent', 'delivered', 'skipped', 'failed')", name="outcome_known"
        ),
        Index("uq_notice_dispatch_sent", "key", unique=True, postgresql_where="outcome = 'sent'"),
        Index(None, "case_id", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("case_event.id"))
    follower_id: Mapped[int] = mapped_column(ForeignKey("case_follower.id"))
    channel: Mapped[str | None]
    key: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str | None]
    template: Mapped[str | None]


class Preference(Base):
    """What a citizen wants, by conversation: channels they muted, the channel they chose."""

    __tablename__ = "notice_preference"

    conversation_id: Mapped[str] = mapped_column(primary_key=True)
    muted: Mapped[list[str]]
    preferred: Mapped[str | None]
    source: Mapped[str]
    updated_at: Mapped[datetime]
