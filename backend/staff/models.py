"""Tables of staff accounts, their tokens and page sessions, and the audit log."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base


class StaffAccount(Base):
    """Somebody who works on cases; ``town``/``village`` say where."""

    __tablename__ = "staff_account"
    __table_args__ = (
        CheckConstraint(
            "role in ('hotline', 'village', 'town', 'city', 'auditor', 'supervisor')",
            name="role_known",
        ),
        CheckConstraint("role <> 'village' or village is not null", name="village_has_place"),
        CheckConstraint("role <> 'town' or town is not null", name="town_has_place"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    role: Mapped[str]
    town: Mapped[str | None]
    village: Mapped[str | None]
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]


class StaffToken(Base):
    """A bearer token (``api``) or a page session (``page``); only its SHA-256 is kept.

    ``seen_at`` is when a page session was last used; it ends when that lies too far back.
    """

    __tablename__ = "staff_token"
    __table_args__ = (CheckConstraint("kind in ('api', 'page')", name="kind_known"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff_account.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(default="api")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


class AuditEntry(Base):
    """Who did or looked at what, and why; never changed, never deleted (trigger).

    ``mac`` covers the entry and the ``mac`` of the one before it (``previous``), so a change, a
    gap or a swap shows. Entries from before the chain have neither.
    """

    __tablename__ = "audit_log"
    __table_args__ = (Index(None, "staff", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime]
    staff: Mapped[str]
    action: Mapped[str]
    case_no: Mapped[str | None] = mapped_column(index=True)
    reason: Mapped[str | None]
    address: Mapped[str | None]
    previous: Mapped[str | None]
    mac: Mapped[str | None]
