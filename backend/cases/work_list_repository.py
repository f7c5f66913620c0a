"""Queries of the work list: every tab walks one index; nothing is counted to the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Text, cast, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case
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

    def by_words(self, words: str) -> list[ColumnElement[bool]]:
        """Cases that say every one of the words, or carry them as the hotline's ticket number."""
        said = [_says(term) for term in words.split()]
        ticket = Case.external_ref == words.strip()
        return [or_(ticket, *said)] if len(said) == 1 else said


def _turn(turn: Turn) -> list[ColumnElement[bool]]:
    if turn.newest_first:
        return []
    conditions: list[ColumnElement[bool]] = [Case.is_open.is_(True)]
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


def _says(term: str) -> ColumnElement[bool]:
    """Neighbouring characters through the index, then the word itself."""
    text = Case.summary + " " + Case.description + " " + func.coalesce(Case.address, "")
    exactly = text.icontains(term, autoescape=True)
    if len(term) == 1:
        return exactly
    pairs = sorted({term[i : i + 2].lower() for i in range(len(term) - 1)})
    return Case.words.contains(cast(pairs, ARRAY(Text))) & exactly
