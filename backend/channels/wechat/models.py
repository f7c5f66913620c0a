"""Tables of the WeChat channel."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base


class WeChatAccessToken(Base):
    """The account's API token, one for all processes; the row's lock is the right to renew it."""

    __tablename__ = "wechat_access_token"

    app_id: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    forced_at: Mapped[datetime | None]


class WeChatNonce(Base):
    """A timestamp and nonce that were used, and for which body."""

    __tablename__ = "wechat_nonce"
    __table_args__ = (Index("ix_wechat_nonce_seen_at", "seen_at"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    body_digest: Mapped[str]
    seen_at: Mapped[datetime]


class WeChatContact(Base):
    """Whether a person follows us, and until when how many customer-service messages may go."""

    __tablename__ = "wechat_contact"

    conversation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("conversation.id"), primary_key=True
    )
    is_following: Mapped[bool] = mapped_column(default=True)
    window_until: Mapped[datetime | None]
    window_left: Mapped[int] = mapped_column(default=0)
