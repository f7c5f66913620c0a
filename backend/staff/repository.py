"""Queries on accounts and tokens."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, or_, select, update
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

    async def by_id(self, staff_id: int) -> StaffAccount:
        """An account that is known to exist."""
        return (
            await self._session.scalars(select(StaffAccount).where(StaffAccount.id == staff_id))
        ).one()

    async def by_token(
        self, token_hash: str, kind: str, now: datetime
    ) -> Row[StaffAccount, StaffToken] | None:
        """The active account behind a token that is neither expired nor revoked."""
        found = await self._session.execute(
            select(StaffAccount, StaffToken)
            .join(StaffToken, StaffToken.staff_id == StaffAccount.id)
            .where(
                StaffToken.token_hash == token_hash,
                StaffToken.kind == kind,
                StaffToken.expires_at > now,
                StaffToken.revoked_at.is_(None),
                StaffAccount.active,
            )
        )
        return found.first()

    async def colleagues(self, town: str | None, village: str | None) -> Sequence[StaffAccount]:
        """Active accounts that may work on a case of that place: village, town and city staff."""
        statement = select(StaffAccount).where(
            StaffAccount.active,
            or_(
                StaffAccount.role == "city",
                (StaffAccount.role == "town") & (StaffAccount.town == town),
                (StaffAccount.role == "village") & (StaffAccount.village == village),
            ),
        )
        return (await self._session.scalars(statement.order_by(StaffAccount.id).limit(200))).all()

    async def names(self, usernames: Sequence[str]) -> dict[str, str]:
        """Display names by user name."""
        rows = await self._session.execute(
            select(StaffAccount.username, StaffAccount.display_name).where(
                StaffAccount.username.in_(usernames)
            )
        )
        return {row[0]: row[1] for row in rows}

    async def add(self, row: StaffAccount | StaffToken) -> None:
        """Store a new row."""
        self._session.add(row)
        await self._session.flush()

    async def seen(self, token_hash: str, now: datetime) -> None:
        """Note that a session is in use."""
        await self._session.execute(
            update(StaffToken).where(StaffToken.token_hash == token_hash).values(seen_at=now)
        )

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
