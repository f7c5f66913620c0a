"""The programme in numbers: counted by the worker every ten minutes, read from one row.

One statement over all cases answers everything but the villages of a town; it takes seconds at a
million cases, so a page counts by itself only where nobody has for half an hour (no worker, or a
new installation). While one counts, the others show the last count.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.resources import Resources
from backend.places.service import gazetteer
from backend.publicity.errors import PublicationNotFoundError
from backend.publicity.repository import CountRepository
from backend.publicity.rules import broken_out
from backend.publicity.schemas import Statistics, Tally, TallyRow, VillageRow

FRESH = timedelta(minutes=10)
LATE = timedelta(minutes=30)
"""The worker has not counted for so long."""
MONTHS = 12
_ALL = "all"
CATEGORIES = {"weishishi": "民生微实事", "weixinyuan": "民生微心愿", "out_of_scope": "转办事项"}
NO_PLACE = "地点待补"
OTHERS = "其他村（社区）合计"


class StatisticsDesk:
    """Counts within one transaction."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._rows = CountRepository(session)
        self._now = resources.clock.now()

    async def all(self) -> Statistics:
        """Over all cases: by category, town and month of filing."""
        numbers, at = await self._kept(_ALL, self._rows.over_all, LATE)
        total = _sum(numbers["category"])
        months = sorted(numbers["month"], reverse=True)[:MONTHS]
        return Statistics(
            at=at,
            total=total,
            completion_rate=total.completion_rate,
            told_rate=total.told_rate,
            categories=_rows(numbers["category"], list(CATEGORIES), CATEGORIES),
            towns=_rows(numbers["town"], _by_size(numbers["town"]), _town_names()),
            months=_rows(numbers["month"], months, {code: _month(code) for code in months}),
        )

    async def villages(self, town: str) -> list[VillageRow]:
        """What a town's villages received, the few of small ones together.

        Raises:
            PublicationNotFoundError: no such town.
        """
        if town not in gazetteer().towns:
            raise PublicationNotFoundError

        async def count() -> dict[str, int]:
            return await self._rows.of_town(town)

        counts, _ = await self._kept(f"town {town}", count, FRESH)
        shown, others = broken_out(counts)
        names = gazetteer().villages
        rows = [
            VillageRow(label=names[code].short, received=count) for code, count in shown.items()
        ]
        return [*rows, VillageRow(label=OTHERS, received=others)] if others else rows

    async def recount(self) -> bool:
        """Count over all cases now; False if somebody else does."""
        is_first = await self._rows.may_count()
        if is_first:
            await self._rows.keep(_ALL, await self._rows.over_all(), self._now)
        return is_first

    async def _kept(
        self, name: str, count: Callable[[], Awaitable[dict[str, Any]]], most: timedelta
    ) -> tuple[dict[str, Any], datetime]:
        last = await self._rows.kept(name)
        if last is not None and self._now - last.at < most:
            return last.numbers, last.at
        is_first = await self._rows.may_count()
        if last is not None and not is_first:
            return last.numbers, last.at
        numbers = await count()
        if is_first:
            await self._rows.keep(name, numbers, self._now)
        return numbers, self._now


def _sum(rows: dict[str, list[int]]) -> Tally:
    received, completed, told = (sum(row[place] for row in rows.values()) for place in range(3))
    return Tally(received=received, completed=completed, told=told)


def _rows(counts: dict[str, list[int]], codes: list[str], labels: dict[str, str]) -> list[TallyRow]:
    return [
        _row(code, labels.get(code, NO_PLACE), *counts[code]) for code in codes if code in counts
    ]


def _row(code: str, label: str, received: int, completed: int, told: int) -> TallyRow:
    return TallyRow(code=code, label=label, received=received, completed=completed, told=told)


def _by_size(counts: dict[str, list[int]]) -> list[str]:
    return sorted(counts, key=lambda code: (-counts[code][0], code))


def _town_names() -> dict[str, str]:
    return {code: town.name for code, town in gazetteer().towns.items()}


def _month(code: str) -> str:
    year, _, month = code.partition("-")
    return f"{year}年{int(month)}月"
