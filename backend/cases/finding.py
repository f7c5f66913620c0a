"""Searching cases by words and properties in time that does not grow with their number.

Marks (marks.py) lead through two inverted indexes, of open cases and of ended ones. What is found
must still be put in order, so it is looked for a stretch at a time in the list's own order, and
the next stretch is read only if the page is not full: a word of every tenth case costs its page, a
word of five cases costs five. What has no marks, a single common character, is read case by case,
a bounded number at a time, and the page says how far that was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    func,
    not_,
    or_,
    select,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases import marks
from backend.cases.models import Case
from backend.staff.rules import Scope

_STRETCHES = (4, 64)
"""Buckets of ids that are looked through before all the rest, newest first."""
_NEAR_DUE = 3_000
"""Open cases of the whole city that are looked through before all the rest, by deadline."""
_MOST_DAYS = 400
READ_AT_ONCE = 500
"""Cases read one by one where there are no marks."""
IS_OPEN: ColumnElement[bool] = type_coerce(Case.is_open, Boolean)

Place = tuple[datetime | None, int]
"""Where a list goes on: deadline (None if newest first) and id of the last case seen."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What a case must have: every term in its texts, every facet, every condition."""

    terms: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    conditions: tuple[ColumnElement[bool], ...] = ()

    @property
    def marked(self) -> bool:
        """Whether the indexes lead to it."""
        return not self.terms or any(map(marks.marks, self.terms))

    @property
    def ticket(self) -> str | None:
        """The mark of the hotline's ticket number, if the term may be one."""
        if len(self.terms) != 1 or not any(map(str.isdigit, self.terms[0])):
            return None
        return marks.facet("ref", marks.plain(self.terms[0]))


@dataclass(frozen=True, slots=True)
class Order:
    """A list: newest first, or the open cases by deadline, narrowed by ``conditions``."""

    newest_first: bool
    conditions: tuple[ColumnElement[bool], ...] = ()
    days: tuple[datetime, datetime] | None = None
    narrow: bool = False
    """Whether the conditions leave few cases, whatever is sought."""


@dataclass(frozen=True, slots=True)
class Found:
    """Cases in order; ``stopped`` tells up to where was read if that was not the end."""

    cases: list[Case] = field(default_factory=list)
    stopped: Place | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a list: where the indexes lead (``marked``), and what is judged of that (``fits``).

    As a condition beside the marks, ``fits`` would tempt the planner to other indexes, and to
    reading thousands of cases in order to find thirty.
    """

    marked: ColumnElement[bool]
    fits: ColumnElement[bool]


class CaseFinder:
    """Searches within one scope."""

    def __init__(self, session: AsyncSession, scope: Scope, inside: ColumnElement[bool]) -> None:
        self._session = session
        self._scope = scope
        self._inside = inside

    async def find(self, sought: Sought, order: Order, after: Place | None, limit: int) -> Found:
        """At most ``limit`` cases, from where the last page ended."""
        if not sought.marked:
            return await self._read(sought, order, after, limit)
        if order.newest_first:
            return Found(await self._newest(sought, after[1] if after else None, limit))
        return Found(await self._soonest(sought, order, after, limit))

    async def _newest(self, sought: Sought, before: int | None, limit: int) -> list[Case]:
        top = before or (await self._session.scalar(select(func.max(Case.id))) or 0) + 1
        bucket, stretches = marks.bucket(top - 1), []
        for size in _STRETCHES:
            near = [marks.facet("id", n) for n in range(max(bucket - size + 1, 0), bucket + 1)]
            stretches.append(self._newest_of(sought, near, top))
            bucket -= size
            if bucket < 0:
                break
        else:
            rest = (bucket + 1) << marks.BUCKET_BITS
            stretches.append(self._newest_of(sought, (), rest))
        return await self._rows(stretches, limit, newest_first=True)

    def _newest_of(self, sought: Sought, near: Sequence[str], top: int) -> Stretch:
        """Open or ended, with an id below ``top``."""
        ways = self._ways(sought, near)
        either = or_(*(and_(part, way) for part in (IS_OPEN, not_(IS_OPEN)) for way in ways))
        return Stretch(either, and_(Case.id < top, *sought.conditions, *self._exactly(sought)))

    async def _soonest(
        self, sought: Sought, order: Order, after: Place | None, limit: int
    ) -> list[Case]:
        behind = (*order.conditions, *after_place(after))
        days = _days(*order.days) if order.days else ()
        stretches = []
        if self._scope.everything and not order.narrow:
            first, last = await self._edges(behind)
            if first and last:
                until = (*behind, Case.sort_due <= last)
                stretches.append(self._soonest_of(sought, days or _days(first, last), until))
                behind = (*behind, Case.sort_due > last)
        stretches.append(self._soonest_of(sought, days, behind))
        return await self._rows(stretches, limit, newest_first=False)

    def _soonest_of(
        self, sought: Sought, near: Sequence[str], conditions: Sequence[ColumnElement[bool]]
    ) -> Stretch:
        is_open = or_(*(and_(IS_OPEN, way) for way in self._ways(sought, near)))
        return Stretch(is_open, and_(*conditions, *sought.conditions, *self._exactly(sought)))

    async def _edges(
        self, behind: Sequence[ColumnElement[bool]]
    ) -> tuple[datetime | None, datetime | None]:
        """The deadlines between which the next ``_NEAR_DUE`` open cases lie."""
        due = select(Case.sort_due).where(IS_OPEN, *behind).order_by(Case.sort_due, Case.id)
        edges = [due.offset(skip).limit(1).scalar_subquery() for skip in (0, _NEAR_DUE)]
        row = (await self._session.execute(select(*edges))).one()
        return row[0], row[1]

    async def _rows(
        self, stretches: Sequence[Stretch], limit: int, *, newest_first: bool
    ) -> list[Case]:
        """The first cases of stretches that follow each other.

        The database begins a stretch when those before it did not fill the page; it reads them
        in turn because no query of ours is split among processes (backend/core/db.py).
        """
        parts = []
        for number, stretch in enumerate(stretches):
            chosen = (
                select(Case.id, Case.sort_due, stretch.fits.label("fits"))
                .where(stretch.marked)
                .cte(f"stretch_{number}")
                .prefix_with("materialized", dialect="postgresql")
            )
            keys = (chosen.c.id.desc(),) if newest_first else (chosen.c.sort_due, chosen.c.id)
            part = select(chosen.c.id).where(chosen.c.fits).order_by(*keys).limit(limit).subquery()
            parts.append(select(part.c.id))
        page = (union_all(*parts) if len(parts) > 1 else parts[0]).limit(limit).subquery()
        statement = select(Case).join(page, page.c.id == Case.id).order_by(*list_keys(newest_first))
        return list((await self._session.scalars(statement)).all())

    async def _read(self, sought: Sought, order: Order, after: Place | None, limit: int) -> Found:
        """Read case by case in the list's order, ``READ_AT_ONCE`` at most."""
        behind = [self._inside, *order.conditions, *after_place(after)]
        behind += [] if order.newest_first else [IS_OPEN]
        keys = list_keys(order.newest_first)
        walk = select(Case.id, Case.sort_due).where(*behind).order_by(*keys)
        steps = walk.limit(READ_AT_ONCE).subquery()
        again = (steps.c.id.desc(),) if order.newest_first else (steps.c.sort_due, steps.c.id)
        fits = and_(*_properties(sought.facets), *self._exactly(sought))
        page = select(Case).join(steps, steps.c.id == Case.id).where(fits)
        found = list((await self._session.scalars(page.order_by(*again).limit(limit))).all())
        return Found(found, None if len(found) >= limit else await self._end(walk, order))

    async def _end(self, walk: Select[int, datetime], order: Order) -> Place | None:
        """The last case that was read, if there are more."""
        ends = walk.offset(READ_AT_ONCE - 1).limit(2)
        rows = (await self._session.execute(ends)).all()
        if len(rows) < 2:
            return None
        return (None if order.newest_first else rows[0][1], rows[0][0])

    def _ways(self, sought: Sought, near: Sequence[str]) -> list[ColumnElement[bool]]:
        """How the indexes lead there: by words, or by the hotline's ticket number."""
        facets = [*sought.facets, *_of_scope(self._scope)]
        words = sorted({mark for term in sought.terms for mark in marks.leading(term)})
        ways = [_contain(words, facets, near)]
        if sought.ticket:
            ways.append(_contain([], [sought.ticket], ()))
        return [and_(*way) for way in ways]

    def _exactly(self, sought: Sought) -> list[ColumnElement[bool]]:
        """What marks do not prove, and the scope once more: it rests on no index."""
        words = [_says(term) for term in sought.terms if not marks.tells_all(term)]
        if sought.ticket:
            said = [*words, Case.words.contains(_array(marks.marks(sought.terms[0])))]
            words = [or_(and_(*said), Case.facets.contains(_array([sought.ticket])))]
            words += _properties(sought.facets)
        return [self._inside, *words]


def _contain(
    words: Sequence[str], facets: Sequence[str], near: Sequence[str]
) -> list[ColumnElement[bool]]:
    """What is nearest leads: the index skips to it, and reads on from there."""
    conditions: list[ColumnElement[bool]] = []
    if near:
        conditions.append(Case.facets.overlap(_array(near)))
    if facets:
        conditions.append(Case.facets.contains(_array(facets)))
    if words:
        conditions.append(Case.words.contains(_array(words)))
    return conditions


def _array(found: Sequence[str]) -> ColumnElement[Sequence[str]]:
    return cast(list(found), ARRAY(Text))


def _says(term: str) -> ColumnElement[bool]:
    said = Case.summary + " " + Case.description + " " + func.coalesce(Case.address, "")
    wanted = marks.plain(term)
    plain = func.guanjia_plain(said) if marks.has_variants(wanted) else said
    return func.strpos(plain, wanted) > 0


def says_all(terms: Sequence[str]) -> ColumnElement[bool]:
    """Every term in a case's texts, by reading them."""
    return and_(*map(_says, terms))


def _properties(facets: Sequence[str]) -> list[ColumnElement[bool]]:
    return [Case.facets.contains(_array(facets))] if facets else []


def _of_scope(scope: Scope) -> list[str]:
    parts = {"town": scope.town, "village": scope.village, "filed_by": scope.filed_by}
    return [marks.facet(kind, value) for kind, value in parts.items() if value is not None]


def after_place(after: Place | None) -> list[ColumnElement[bool]]:
    """What comes later in the list than a place."""
    if after is None:
        return []
    if after[0] is None:
        return [Case.id < after[1]]
    return [tuple_(Case.sort_due, Case.id) > tuple_(after[0], after[1])]


def _days(first: datetime, last: datetime) -> tuple[str, ...]:
    """The marks of the days between two moments; none if they are too many to be of use."""
    span = range(marks.day(first.timestamp()), marks.day(last.timestamp()) + 1)
    return tuple(marks.facet("day", n) for n in span) if len(span) <= _MOST_DAYS else ()


def list_keys(newest_first: bool) -> tuple[ColumnElement[Any], ...]:
    """A list's order."""
    return (Case.id.desc(),) if newest_first else (Case.sort_due.asc(), Case.id.asc())
