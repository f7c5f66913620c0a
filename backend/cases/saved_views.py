"""Filters of the work list that somebody gave a name."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.errors import NotNowError
from backend.cases.models import SavedView

MOST = 20


class SavedViews:
    """One account's saved views within one session."""

    def __init__(self, session: AsyncSession, staff_id: int) -> None:
        self._session = session
        self._staff_id = staff_id

    async def all(self) -> Sequence[SavedView]:
        """All of them, oldest first."""
        statement = select(SavedView).where(SavedView.staff_id == self._staff_id)
        return (await self._session.scalars(statement.order_by(SavedView.id))).all()

    async def save(self, name: str, query: str, now: datetime) -> None:
        """Keep a view under a name; the same name again replaces it.

        Raises:
            NotNowError: there are too many already.
        """
        count = select(func.count()).where(SavedView.staff_id == self._staff_id)
        if (await self._session.scalar(count) or 0) >= MOST:
            raise NotNowError(f"最多保存 {MOST} 个视图，请先删掉不用的")
        new = insert(SavedView).values(
            staff_id=self._staff_id, name=name, query=query, created_at=now
        )
        await self._session.execute(
            new.on_conflict_do_update(
                index_elements=["staff_id", "name"], set_={"query": query, "created_at": now}
            )
        )

    async def remove(self, view_id: int) -> None:
        """Forget a view; another account's stays."""
        await self._session.execute(
            delete(SavedView).where(SavedView.id == view_id, SavedView.staff_id == self._staff_id)
        )
