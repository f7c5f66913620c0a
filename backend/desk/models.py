"""Tables of the desk. Transcripts are sealed, and wiped some days after they are done with."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base


class DeskBatch(Base):
    """An upload of several transcripts."""

    __tablename__ = "desk_batch"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    agent: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    created_at: Mapped[datetime]


class DeskDraft(Base):
    """One transcript on its way to cases.

    ``sealed`` holds the text (identity numbers already masked) and the assistant's reading of it;
    ``doubt`` (0 sure to 1) and ``label`` order and name it in lists without opening the seal.
    """

    __tablename__ = "desk_draft"
    __table_args__ = (
        Index(None, "agent", "state", "id"),
        Index(
            "ix_desk_draft_closed_at",
            "closed_at",
            postgresql_where="sealed is not null and closed_at is not null",
        ),
        CheckConstraint("state in ('queued', 'ready', 'failed', 'closed')", name="state_known"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    agent: Mapped[str]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("desk_batch.id"), index=True)
    position: Mapped[int]
    state: Mapped[str]
    sealed: Mapped[str | None]
    doubt: Mapped[float | None]
    cards: Mapped[int]
    label: Mapped[str | None]
    danger: Mapped[list[str]]
    external_ref: Mapped[str | None]
    external_due: Mapped[datetime | None]
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class DeskFiling(Base):
    """What an agent decided about one card; ``text`` is the transcript without people.

    ``supporter`` is the keyed hash counted on a joined case, ``sms`` the message promised to the
    caller, ``notice_id`` the notice that brings it once the minute for undoing has passed.
    """

    __tablename__ = "desk_filing"
    __table_args__ = (
        Index(
            "uq_desk_filing_draft_id_card",
            "draft_id",
            "card",
            unique=True,
            postgresql_where="undone_at is null",
        ),
        Index(None, "agent", "at"),
        CheckConstraint("kind in ('filed', 'joined', 'dismissed')", name="kind_known"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("desk_draft.id"))
    card: Mapped[int]
    kind: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    agent: Mapped[str]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    seconds: Mapped[int]
    edits: Mapped[int]
    supporter: Mapped[str | None]
    sms: Mapped[str | None]
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"))
    text: Mapped[str]


class DeskLabel(Base):
    """What the machine said about a field and what the agent made of it, people masked."""

    __tablename__ = "desk_label"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    filing_id: Mapped[int] = mapped_column(ForeignKey("desk_filing.id"), index=True)
    field: Mapped[str]
    machine_value: Mapped[str | None]
    agent_value: Mapped[str | None]
    confidence: Mapped[float | None]
    changed: Mapped[bool]
