"""Tables of staff accounts and their tokens."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base


class StaffAccount(Base):
    """Somebody who works on cases; ``town``/``village`` say where."""

    __tablename__ = "staff_account"
    __table_args__ = (
        CheckConstraint(
            "role in ('hotline', 'village', 'town', 'city', 'auditor')", name="role_known"
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
    created_at: Mapped[datetime]


class StaffToken(Base):
    """A token in use; only its SHA-256 is kept."""

    __tablename__ = "staff_token"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff_account.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
