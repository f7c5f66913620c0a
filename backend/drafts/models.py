"""Tables of open drafts; the words are sealed, numbers and codes are keyed hashes."""

from datetime import datetime

from sqlalchemy import PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base


class KeptDraft(Base):
    """An open draft and the one conversation that may go on with it.

    ``phone_hash``: the contact it gives; ``code_hash``, ``code_until``: the code told to take it
    elsewhere; ``code_used_at``: by whoever holds it now; ``offered_at``: its phone was asked about it.
    """

    __tablename__ = "kept_draft"

    draft_id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str]
    channel: Mapped[str]
    phone_hash: Mapped[str | None] = mapped_column(index=True)
    sealed: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    code_hash: Mapped[str | None] = mapped_column(unique=True)
    code_until: Mapped[datetime | None]
    code_used_at: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]


class MovedDraft(Base):
    """A conversation that a draft has left, and the channel it went on in; nothing of a person."""

    __tablename__ = "moved_draft"
    __table_args__ = (PrimaryKeyConstraint("draft_id", "conversation_id"),)

    draft_id: Mapped[str]
    conversation_id: Mapped[str]
    to_channel: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
