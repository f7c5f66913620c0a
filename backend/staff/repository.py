"""Queries on accounts and tokens."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.staff.models import StaffAccount, StaffToken


class StaffRepository:
    """Accounts and tokens of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_username(self, username: str) -> StaffAccount | None:
        """The account of that name, active or not."""
        return await self._session.scalar(
            select(StaffAccount).where(StaffAccount.username == username)
        )

    async def by_token(self, token_hash: str, now: datetime) -> StaffAccount | None:
        """The active account behind a token that is neither expired nor revoked."""
        return await self._session.scalar(
            select(StaffAccount)
            .join(StaffToken, StaffToken.staff_id == StaffAccount.id)
            .where(
                StaffToken.token_hash == token_hash,
                StaffToken.expires_at > now,
                StaffToken.revoked_at.is_(None),
                StaffAccount.active,
            )
        )

    async def add(self, row: StaffAccount | StaffToken) -> None:
        """Store a new row."""
        self._session.add(row)
        await self._session.flush()

    async def revoke(self, token_hash: str, now: datetime) -> None:
        """End one token."""
        await self._session.execute(
            update(StaffToken).where(StaffToken.token_hash == token_hash).values(revoked_at=now)
        )

    async def revoke_all(self, staff_id: int, now: datetime) -> None:
        """End all tokens of an account."""
        await self._session.execute(
            update(StaffToken)
            .where(StaffToken.staff_id == staff_id, StaffToken.revoked_at.is_(None))
            .values(revoked_at=now)
        )
