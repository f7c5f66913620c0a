"""Queries for the public: publications and counts, never a case's words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case, Counted, Publication
from backend.cases.rules import FINISHED, Status
from backend.core.db import locked
from backend.staff.rules import Section

Listed = Row[Publication, str, datetime | None]
Place = tuple[datetime, int]
"""When an item came to its section, and its public number."""
_ALL_CASES_LOCK = 4_419_016


class PublicRepository:
    """Publications of one session, each with its case's status and the end of its clock."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, section: Section, town: str | None, after: Place | None, limit: int
    ) -> Sequence[Listed]:
        """A section's items, newest first."""
        wanted = _listed().where(Publication.section == section)
        if town is not None:
            wanted = wanted.where(Publication.town == town)
        if after is not None:
            wanted = wanted.where(tuple_(Publication.listed_at, Publication.id) < after)
        newest = wanted.order_by(Publication.listed_at.desc(), Publication.id.desc())
        return (await self._session.execute(newest.limit(limit))).all()

    async def one(self, number: int) -> Listed | None:
        """The item of that public number, if it is public at present."""
        wanted = _listed().where(Publication.id == number, Publication.section.is_not(None))
        return (await self._session.execute(wanted)).one_or_none()

    async def claimable(self, number: int) -> Case | None:
        """The case that may be claimed under that number, locked as every step locks it."""
        named = select(Publication.case_id).where(Publication.id == number).scalar_subquery()
        case = await self._session.scalar(locked(select(Case).where(Case.id == named)))
        in_the_hall = select(Publication.id).where(
            Publication.id == number, Publication.section == "hall"
        )
        return case if await self._session.scalar(in_the_hall) is not None else None


class CountRepository:
    """Counts over cases. One statement each; it reads every case, so what it says is kept."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def kept(self, name: str) -> Counted | None:
        """What was counted last."""
        return await self._session.get(Counted, name)

    async def may_count(self) -> bool:
        """Whether nobody else counts at this moment; holds until the transaction ends."""
        free = text("select pg_try_advisory_xact_lock(:key)")
        return bool(await self._session.scalar(free, {"key": _ALL_CASES_LOCK}))

    async def keep(self, name: str, numbers: dict[str, Any], at: datetime) -> None:
        """Remember what was counted."""
        row = insert(Counted).values(name=name, numbers=numbers, at=at)
        change = {"numbers": numbers, "at": at}
        await self._session.execute(row.on_conflict_do_update(index_elements=["name"], set_=change))

    async def over_all(self) -> dict[str, dict[str, list[int]]]:
        """Received, completed and told by category, by town and by month of filing."""
        month = func.date_trunc("month", func.timezone("Asia/Shanghai", Case.created_at))
        sets = func.grouping_sets(tuple_(Case.category), tuple_(Case.town), tuple_(month))
        counted = select(
            # one bit for each column that is not grouped by, the first the highest
            func.grouping(Case.category, Case.town, month),
            Case.category,
            Case.town,
            func.to_char(month, "YYYY-MM"),
            *_tally(),
        )
        names = {0b011: "category", 0b101: "town", 0b110: "month"}
        found: dict[str, dict[str, list[int]]] = {name: {} for name in names.values()}
        for bits, *codes, received, completed, told in await self._session.execute(
            counted.group_by(sets)
        ):
            code = next((code for code in codes if code is not None), "")
            found[names[bits]][code] = [received, completed, told]
        return found

    async def of_town(self, town: str) -> dict[str, int]:
        """Received in each village of a town."""
        counted = select(Case.village, func.count()).where(
            Case.town == town, Case.village.is_not(None)
        )
        rows = await self._session.execute(counted.group_by(Case.village))
        return {village: count for village, count in rows if village}


def _listed() -> Select[Publication, str, datetime | None]:
    return select(Publication, Case.status, Case.due_at).join(Case, Case.id == Publication.case_id)


def _tally() -> tuple[Any, ...]:
    completed = Case.status.in_(sorted(FINISHED))
    return (
        func.count(),
        func.count().filter(completed),
        func.count().filter(Case.status == Status.FEEDBACK),
    )
