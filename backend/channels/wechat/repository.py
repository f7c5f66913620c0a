"""Queries of the WeChat channel's own tables."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.channels.wechat.models import WeChatContact, WeChatNonce
from backend.core.models import Base

REPEATS_WITHIN_S = 20
"""The platform repeats an unanswered callback twice, five seconds apart."""

# built once: building a statement costs more than running it
_NONCES = Base.metadata.tables[WeChatNonce.__tablename__]
_SPEND_NONCE = insert(_NONCES).on_conflict_do_nothing().returning(_NONCES.c.digest)
_CONTACTS = Base.metadata.tables[WeChatContact.__tablename__]
_NEW = insert(_CONTACTS).values(
    conversation_id=bindparam("owner"),
    is_following=True,
    window_until=bindparam("until"),
    window_left=bindparam("messages"),
)
_IS_OVER = func.coalesce(_CONTACTS.c.window_until, bindparam("now")) <= bindparam("now")
_WIDER = func.greatest(_NEW.excluded.window_left, _CONTACTS.c.window_left)
_OPEN_WINDOW = _NEW.on_conflict_do_update(
    index_elements=["conversation_id"],
    set_={
        "is_following": True,
        "window_until": func.greatest(_NEW.excluded.window_until, _CONTACTS.c.window_until),
        "window_left": case((_IS_OVER, _NEW.excluded.window_left), else_=_WIDER),
    },
)

_SPEND_MESSAGE = (
    update(_CONTACTS)
    .where(
        _CONTACTS.c.conversation_id == bindparam("owner"),
        _CONTACTS.c.is_following,
        _CONTACTS.c.window_until > bindparam("now"),
        _CONTACTS.c.window_left > 0,
    )
    .values(window_left=_CONTACTS.c.window_left - 1)
    .returning(_CONTACTS.c.conversation_id)
)


@dataclass(frozen=True, slots=True)
class WeChatRepository:
    """Nonces and contacts inside one session's transaction."""

    session: AsyncSession

    async def spend_nonce(self, timestamp: str, nonce: str, body: bytes, now: datetime) -> bool:
        """Whether this nonce is new, or the platform repeats the same message at once."""
        digest = _digest(f"{timestamp}\n{nonce}".encode())
        body_digest = _digest(body)
        values = {"digest": digest, "body_digest": body_digest, "seen_at": now}
        if await self.session.scalar(_SPEND_NONCE, values) is not None:
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
        values = {"owner": conversation_id, "until": until, "messages": messages, "now": now}
        await self.session.execute(_OPEN_WINDOW, values)

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

    async def spend_message(self, conversation_id: uuid.UUID, now: datetime) -> bool:
        """Count one customer-service message; ``False`` if none may go."""
        values = {"owner": conversation_id, "now": now}
        return await self.session.scalar(_SPEND_MESSAGE, values) is not None

    async def give_back(self, conversation_id: uuid.UUID) -> None:
        """The message that was counted has not gone."""
        await self.session.execute(
            update(WeChatContact)
            .where(WeChatContact.conversation_id == conversation_id)
            .values(window_left=WeChatContact.window_left + 1)
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
