"""Nonces of the gateway's webhooks, kept while a signature may still be fresh."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base


class SmsNonce(Base):
    """A nonce that was used; ``digest`` is its keyed hash."""

    __tablename__ = "sms_nonce"

    digest: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)
