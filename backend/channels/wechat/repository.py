"""Queries of the WeChat channel's own tables."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.channels.wechat.models import WeChatContact, WeChatNonce

REPEATS_WITHIN_S = 20
"""The platform repeats an unanswered callback twice, five seconds apart."""


@dataclass(frozen=True, slots=True)
class WeChatRepository:
    """Nonces and contacts inside one session's transaction."""

    session: AsyncSession

    async def spend_nonce(self, timestamp: str, nonce: str, body: bytes, now: datetime) -> bool:
        """Whether this nonce is new, or the platform repeats the same message at once."""
        digest = _digest(f"{timestamp}\n{nonce}".encode())
        body_digest = _digest(body)
        row = insert(WeChatNonce).values(digest=digest, body_digest=body_digest, seen_at=now)
        fresh = await self.session.scalar(
            row.on_conflict_do_nothing().returning(WeChatNonce.digest)
        )
        if fresh is not None:
            return True
        used = await self.session.get(WeChatNonce, digest)
        limit = now - timedelta(seconds=REPEATS_WITHIN_S)
        return used is not None and used.body_digest == body_digest and used.seen_at >= limit

    async def contact(self, conversation_id: uuid.UUID) -> WeChatContact | None:
        """What is known of this person."""
        return await self.session.get(WeChatContact, conversation_id, populate_existing=True)

    async def open_window(
        self, conversation_id: uuid.UUID, until: datetime, messages: int, now: datetime
    ) -> None:
        """The person did something: that many messages may go until then.

        Windows do not add up; the wider limit of each counts, and the platform has the last word.
        """
        row = insert(WeChatContact).values(
            conversation_id=conversation_id,
            is_following=True,
            window_until=until,
            window_left=messages,
        )
        is_over = func.coalesce(WeChatContact.window_until, now) <= now
        left = func.greatest(messages, WeChatContact.window_left)
        await self.session.execute(
            row.on_conflict_do_update(
                index_elements=["conversation_id"],
                set_={
                    "is_following": True,
                    "window_until": func.greatest(until, WeChatContact.window_until),
                    "window_left": case((is_over, messages), else_=left),
                },
            )
        )

    async def close(self, conversation_id: uuid.UUID) -> None:
        """The person no longer follows us."""
        row = insert(WeChatContact).values(
            conversation_id=conversation_id, is_following=False, window_left=0
        )
        await self.session.execute(
            row.on_conflict_do_update(
                index_elements=["conversation_id"],
                set_={"is_following": False, "window_left": 0, "window_until": None},
            )
        )

    async def spend_message(self, conversation_id: uuid.UUID) -> None:
        """One customer-service message has gone."""
        await self.session.execute(
            update(WeChatContact)
            .where(WeChatContact.conversation_id == conversation_id, WeChatContact.window_left > 0)
            .values(window_left=WeChatContact.window_left - 1)
        )

    async def shut_window(self, conversation_id: uuid.UUID) -> None:
        """The platform says that the window is closed or its messages are used up."""
        await self.session.execute(
            update(WeChatContact)
            .where(WeChatContact.conversation_id == conversation_id)
            .values(window_left=0)
        )


def _digest(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()
