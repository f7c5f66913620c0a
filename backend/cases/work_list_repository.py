"""Queries of the work list: every tab walks one index; nothing is counted to the end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases import marks
from backend.cases.finding import (
    IS_OPEN,
    CaseFinder,
    Found,
    Order,
    Place,
    Sought,
    after_place,
    list_keys,
)
from backend.cases.models import Case, Publication
from backend.cases.repository import within
from backend.staff.rules import Scope


@dataclass(frozen=True, slots=True)
class Turn:
    """What a tab shows: open cases by deadline, or all cases newest first."""

    newest_first: bool = False
    assignee: str | None = None
    holders: tuple[str, ...] = ()
    not_holders: tuple[str, ...] = ()
    since: datetime | None = None
    before: datetime | None = None


class Filters(Protocol):
    """What narrows a tab."""

    category: Any
    type: str | None
    status: str | None
    town: str | None
    village: str | None
    assignee: str | None
    urged: bool
    limit: int


class WorkListRepository:
    """Cases of one scope."""

    def __init__(self, session: AsyncSession, scope: Scope) -> None:
        self._session = session
        self._scope = scope

    async def page(
        self, wanted: Filters, turn: Turn, after: Place | None, terms: tuple[str, ...] = ()
    ) -> Found:
        """One case more than ``wanted.limit``, after the one at ``after``."""
        facets = _facets(wanted)
        if not terms and not facets:
            return Found(await self.known(wanted, turn, after))
        order = Order(
            newest_first=turn.newest_first,
            conditions=tuple(_turn(turn)),
            days=(turn.since, turn.before) if turn.since and turn.before else None,
            narrow=bool(turn.assignee or wanted.town or wanted.village),
        )
        finder = CaseFinder(self._session, self._scope, within(self._scope))
        return await finder.find(Sought(terms, facets), order, after, wanted.limit + 1)

    async def known(
        self, wanted: Filters, turn: Turn, after: Place | None, *which: ColumnElement[bool]
    ) -> list[Case]:
        """The tab itself, or its cases of one number or one phone (``which``).

        What is shown is chosen by reading an index alone, whose turn it is included.
        """
        conditions = [within(self._scope), *_turn(turn), *which]
        conditions += _filters(wanted) if which else []
        keys = list_keys(turn.newest_first)
        ids = select(Case.id).where(*conditions, *after_place(after)).order_by(*keys)
        page = ids.limit(wanted.limit + 1).subquery()
        statement = select(Case).join(page, page.c.id == Case.id).order_by(*keys)
        return list((await self._session.scalars(statement)).all())

    async def count(self, turn: Turn, limit: int) -> int:
        """How many cases a tab has, up to ``limit``."""
        some = select(Case.id).where(within(self._scope), *_turn(turn)).limit(limit).subquery()
        return await self._session.scalar(select(func.count()).select_from(some)) or 0


def case_no_is(case_no: str) -> ColumnElement[bool]:
    """The case of that number."""
    return Case.case_no == case_no


def is_public_as(number: int) -> ColumnElement[bool]:
    """The case of a public number."""
    return Case.id.in_(select(Publication.case_id).where(Publication.id == number))


def phone_is(phone_hash: str) -> ColumnElement[bool]:
    """The cases of a phone."""
    return Case.phone_hash == phone_hash


def _turn(turn: Turn) -> list[ColumnElement[bool]]:
    if turn.newest_first:
        return []
    conditions: list[ColumnElement[bool]] = [IS_OPEN]
    if turn.assignee:
        conditions.append(Case.assignee == turn.assignee)
    if turn.holders:
        conditions.append(_one_of(turn.holders))
    if turn.not_holders:
        conditions.append(Case.holder.not_in(turn.not_holders))
    if turn.since:
        conditions.append(Case.sort_due >= turn.since)
    if turn.before:
        conditions.append(Case.sort_due < turn.before)
    return conditions


def _one_of(holders: tuple[str, ...]) -> ColumnElement[bool]:
    return Case.holder == holders[0] if len(holders) == 1 else Case.holder.in_(holders)


def _filters(wanted: Filters) -> list[ColumnElement[bool]]:
    equal = {
        Case.category: wanted.category,
        Case.type: wanted.type,
        Case.status: wanted.status,
        Case.town: wanted.town,
        Case.village: wanted.village,
        Case.assignee: wanted.assignee,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    if wanted.urged:
        conditions.append(Case.urged_at.is_not(None))
    return conditions


def _facets(wanted: Filters) -> tuple[str, ...]:
    """What narrows a tab, as marks."""
    names = ("category", "type", "status", "town", "village", "assignee")
    given = {name: getattr(wanted, name) for name in names}
    found = [marks.facet(name, value) for name, value in given.items() if value is not None]
    found += [marks.facet("urged", "")] if wanted.urged else []
    return tuple(found)
