"""The table of call-back tasks; phone and words are sealed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base


class Callback(Base):
    """Somebody must ring this citizen: the staff of ``village`` or ``town`` where one is named."""

    __tablename__ = "callback"
    __table_args__ = (
        CheckConstraint("status in ('open', 'done')", name="status_known"),
        Index(
            "uq_callback_open",
            "conversation_id",
            "reason",
            unique=True,
            postgresql_where="status = 'open'",
        ),
        Index(None, "status", "id"),
        Index(None, "village", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    conversation_id: Mapped[str]
    channel: Mapped[str | None]
    reason: Mapped[str]
    sealed: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    done_by: Mapped[str | None]
    case_no: Mapped[str | None]
    town: Mapped[str | None]
    village: Mapped[str | None]
