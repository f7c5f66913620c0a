"""This channel's own queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.channels.sms.models import SmsNonce
from backend.channels.sms.signature import MAX_SKEW_S
from backend.conversations.models import DeliveryEvent, OutboundMessage

_KEEP = timedelta(seconds=3 * MAX_SKEW_S)


@dataclass(frozen=True, slots=True)
class SmsRepository:
    """Inside one session's transaction."""

    session: AsyncSession

    async def use_nonce(self, digest: str, now: datetime) -> bool:
        """Take a nonce; ``False`` if it was used while signatures were fresh."""
        await self.session.execute(delete(SmsNonce).where(SmsNonce.seen_at < now - _KEEP))
        row = insert(SmsNonce).values(digest=digest, seen_at=now).on_conflict_do_nothing()
        return await self.session.scalar(row.returning(SmsNonce.digest)) is not None

    async def taken(self, receipts: Sequence[str]) -> set[str]:
        """Which of these provider ids belong to messages of ours, or did before a resend."""
        now = select(OutboundMessage.receipt).where(OutboundMessage.receipt.in_(receipts))
        before = select(DeliveryEvent.receipt).where(DeliveryEvent.receipt.in_(receipts))
        found = await self.session.scalars(now.union(before))
        return {receipt for receipt in found if receipt is not None}
