"""Tables of telephone numbers; a number is stored as its keyed hash or sealed, never plain."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base


class PhoneProof(Base):
    """A conversation whose citizen holds a number: the carrier said that the message came from it.

    ``sealed``: the number itself, for the case that is filed from it.
    """

    __tablename__ = "phone_proof"

    conversation_id: Mapped[str] = mapped_column(primary_key=True)
    phone_hash: Mapped[str]
    sealed: Mapped[str | None]
    at: Mapped[datetime]


class PhoneStop(Base):
    """A number that is not to be written to of our own accord."""

    __tablename__ = "phone_stop"
    __table_args__ = (CheckConstraint("reason in ('opted_out', 'wrong_number')", name="reason"),)

    phone_hash: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    at: Mapped[datetime]
