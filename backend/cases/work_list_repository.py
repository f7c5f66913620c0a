"""Queries of the work list: every tab walks one index; nothing is counted to the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Text,
    cast,
    func,
    or_,
    select,
    text,
    tuple_,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case
from backend.cases.repository import within
from backend.staff.rules import Scope

_OFTEN = 0.02
_WORD_CHARS = 4
"""Up to this length frequent pairs make a frequent word; longer ones go through the index."""
_COMMON_PAIRS = """
    select pair from pg_stats,
        unnest(most_common_elems::text::text[], most_common_elem_freqs) as common(pair, share)
    where schemaname = current_schema() and tablename = 'cases' and attname = 'words'
        and share > :share
"""


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
        self,
        wanted: Filters,
        turn: Turn,
        after: tuple[datetime | None, int] | None,
        found: Sequence[Any] | None,
    ) -> Sequence[Case]:
        """One row more than ``wanted.limit``, after the row at ``after``."""
        conditions = [within(self._scope), *_turn(turn), *_filters(wanted), *(found or ())]
        statement = select(Case).where(*conditions)
        if turn.newest_first:
            if after:
                statement = statement.where(Case.id < after[1])
            statement = statement.order_by(Case.id.desc())
        else:
            if after and after[0]:
                statement = statement.where(
                    tuple_(Case.sort_due, Case.id) > tuple_(after[0], after[1])
                )
            statement = statement.order_by(Case.sort_due, Case.id)
        return (await self._session.scalars(statement.limit(wanted.limit + 1))).all()

    async def count(self, turn: Turn, limit: int) -> int:
        """How many cases a tab has, up to ``limit``."""
        some = select(Case.id).where(within(self._scope), *_turn(turn)).limit(limit).subquery()
        return await self._session.scalar(select(func.count()).select_from(some)) or 0

    def by_case_no(self, case_no: str) -> list[ColumnElement[bool]]:
        """The case of that number."""
        return [Case.case_no == case_no]

    def by_phone(self, phone_hash: str) -> list[ColumnElement[bool]]:
        """The cases of a phone."""
        return [Case.phone_hash == phone_hash]

    async def by_words(self, words: str) -> list[ColumnElement[bool]]:
        """Cases that say every one of the words, or carry them as the hotline's ticket number."""
        terms = words.split()
        often = await self._said_often(terms)
        said = [_says(term, through_index=term not in often) for term in terms]
        ticket = Case.external_ref == words.strip()
        return [or_(ticket, *said)] if len(said) == 1 and not often else said

    async def _said_often(self, terms: list[str]) -> set[str]:
        """Terms that so many cases say that walking the list finds a page sooner than the index."""
        rows = await self._session.execute(text(_COMMON_PAIRS), {"share": _OFTEN})
        common = {row[0] for row in rows}
        return {term for term in terms if 1 < len(term) <= _WORD_CHARS and _pairs(term) <= common}


def _turn(turn: Turn) -> list[ColumnElement[bool]]:
    if turn.newest_first:
        return []
    conditions: list[ColumnElement[bool]] = [type_coerce(Case.is_open, Boolean)]
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


def _pairs(term: str) -> set[str]:
    return {term[i : i + 2].lower() for i in range(len(term) - 1)}


def _says(term: str, *, through_index: bool) -> ColumnElement[bool]:
    """The word itself, after neighbouring characters through the index where that is quicker."""
    said = Case.summary + " " + Case.description + " " + func.coalesce(Case.address, "")
    exactly = func.strpos(func.lower(said), term.lower()) > 0
    pairs = sorted(_pairs(term))
    if not pairs or not through_index:
        return exactly
    return Case.words.contains(cast(pairs, ARRAY(Text))) & exactly
