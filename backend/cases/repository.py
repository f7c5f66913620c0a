"""Queries on cases. What a caller may see enters as a ``Scope`` and nowhere else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    false,
    func,
    or_,
    select,
    true,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases import marks
from backend.cases.case_no import parse_case_no
from backend.cases.errors import CaseNoInvalidError
from backend.cases.finding import CaseFinder, Found, Order, Sought, after_place, says_all
from backend.cases.models import (
    Case,
    CaseEvent,
    CaseFollower,
    CaseRating,
    CaseSupporter,
    IdempotencyKey,
)
from backend.cases.rules import DANGER
from backend.cases.schemas import CaseFilter
from backend.core.db import locked
from backend.core.jobs import defer
from backend.staff.rules import Scope

NOTICE_TASK = "notifications.plan"
"""Queued with every public event; whoever tells citizens of it registers the task."""
_SIMILAR_POOL = 200
_FACETS = ("category", "type", "status", "town", "village")


def within(scope: Scope) -> ColumnElement[bool]:
    """The scope as a condition on cases."""
    if scope.everything:
        return true()
    if scope.village is not None:
        return Case.village == scope.village
    if scope.town is not None:
        return Case.town == scope.town
    if scope.filed_by is not None:
        return Case.filed_by == scope.filed_by
    return false()


class CaseRepository:
    """Cases of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def insert(self, values: dict[str, Any]) -> int | None:
        """Store a case; None if its number is taken."""
        statement = insert(Case).values(values).on_conflict_do_nothing(index_elements=["case_no"])
        return await self._session.scalar(statement.returning(Case.id))

    async def by_id(self, case_id: int) -> Case:
        """A case that is known to exist."""
        return (await self._session.scalars(select(Case).where(Case.id == case_id))).one()

    async def by_no(self, case_no: str, scope: Scope, *, lock: bool = False) -> Case | None:
        """The case of that number within the scope; ``lock`` keeps others from changing it."""
        statement = select(Case).where(Case.case_no == case_no, within(scope))
        if lock:
            statement = locked(statement)
        return await self._session.scalar(statement)

    async def of_reporter(
        self, conversation_id: str, phone_hash: str | None, limit: int
    ) -> Sequence[Case]:
        """The cases a conversation filed, and those with the number its citizen holds, newest first."""
        mine = Case.conversation_id == conversation_id
        if phone_hash is not None:
            mine = or_(mine, Case.phone_hash == phone_hash)
        statement = select(Case).where(mine).order_by(Case.id.desc()).limit(limit)
        return (await self._session.scalars(statement)).all()

    async def of_others_with_phone(self, phone_hash: str, conversation_id: str) -> Sequence[Case]:
        """Cases with that number that another conversation filed, locked."""
        statement = select(Case).where(
            Case.phone_hash == phone_hash,
            or_(Case.conversation_id.is_(None), Case.conversation_id != conversation_id),
        )
        return await self._locked(statement)

    async def filed_in(self, conversation_id: str) -> Sequence[Case]:
        """Cases that this conversation filed, locked."""
        return await self._locked(select(Case).where(Case.conversation_id == conversation_id))

    async def _locked(self, statement: Select[Case]) -> Sequence[Case]:
        return (await self._session.scalars(locked(statement.order_by(Case.id)))).all()

    async def page(self, wanted: CaseFilter, scope: Scope, before_id: int | None) -> Found:
        """One case more than ``wanted.limit``, newest first, older than ``before_id``."""
        after = None if before_id is None else (None, before_id)
        terms = tuple((wanted.q or "").split())
        facets = tuple(
            marks.facet(name, value)
            for name in _FACETS
            if (value := getattr(wanted, name)) is not None
        )
        conditions = _conditions(wanted)
        if (terms or facets) and wanted.conversation_id is None and _number(wanted.q) is None:
            finder = CaseFinder(self._session, scope, within(scope))
            sought = Sought(terms, facets, tuple(conditions))
            return await finder.find(sought, Order(newest_first=True), after, wanted.limit + 1)
        statement = select(Case).where(within(scope), *_chosen(wanted), *conditions)
        statement = statement.where(*after_place(after)).order_by(Case.id.desc())
        rows = await self._session.scalars(statement.limit(wanted.limit + 1))
        return Found(list(rows.all()))

    async def alike(
        self, type_: str, village: str | None, ended: Sequence[str], scope: Scope
    ) -> Sequence[Case]:
        """Recent open cases of a type (in a village), for comparison; those ``ended`` left out."""
        statement = select(Case).where(
            type_coerce(Case.is_open, Boolean),
            Case.type == type_,
            Case.status.not_in(ended),
            within(scope),
        )
        if village:
            statement = statement.where(Case.village == village)
        statement = statement.order_by(Case.id.desc()).limit(_SIMILAR_POOL)
        return (await self._session.scalars(statement)).all()

    async def events(self, case_ids: Sequence[int], *, public_only: bool) -> Sequence[CaseEvent]:
        """Events of some cases, oldest first."""
        statement = select(CaseEvent).where(CaseEvent.case_id.in_(case_ids))
        if public_only:
            statement = statement.where(CaseEvent.audience == "public")
        return (await self._session.scalars(statement.order_by(CaseEvent.id))).all()

    async def latest_notes(self, case_ids: Sequence[int]) -> dict[int, str | None]:
        """What the last public event of each case that has one says, if it says anything."""
        statement = (
            select(CaseEvent.case_id, CaseEvent.note)
            .ext(distinct_on(CaseEvent.case_id))
            .where(CaseEvent.case_id.in_(case_ids), CaseEvent.audience == "public")
            .order_by(CaseEvent.case_id, CaseEvent.id.desc())
        )
        return {row[0]: row[1] for row in await self._session.execute(statement)}

    async def supporters(self, case_ids: Sequence[int]) -> dict[int, int]:
        """How many people support each case; cases without any are left out."""
        statement = (
            select(CaseSupporter.case_id, func.count())
            .where(CaseSupporter.case_id.in_(case_ids))
            .group_by(CaseSupporter.case_id)
        )
        rows = await self._session.execute(statement)
        return {row[0]: row[1] for row in rows}

    async def add(self, row: CaseEvent | CaseRating) -> None:
        """Append a row; a public event is queued for those who follow the case."""
        self._session.add(row)
        await self._session.flush()
        if isinstance(row, CaseEvent) and row.audience == "public":
            await defer(self._session, NOTICE_TASK, event_id=row.id, gives_way=row.kind != DANGER)

    async def was_in(self, case: Case, status: str) -> bool:
        """Whether the case is or has been in that status."""
        if case.status == status:
            return True
        statement = select(CaseEvent.id).where(
            CaseEvent.case_id == case.id, CaseEvent.to_status == status
        )
        return await self._session.scalar(statement.limit(1)) is not None

    async def follow(
        self, case_id: int, role: str, conversation_id: str | None, at: datetime
    ) -> None:
        """Remember who is told of the case's steps, once each; who had left follows again."""
        new = insert(CaseFollower).values(
            case_id=case_id, role=role, conversation_id=conversation_id, at=at
        )
        await self._session.execute(new.on_conflict_do_nothing())
        await self._session.execute(
            update(CaseFollower)
            .where(CaseFollower.case_id == case_id, CaseFollower.conversation_id == conversation_id)
            .values(ended_at=None)
        )

    async def unfollow(self, case_id: int, conversation_id: str, at: datetime) -> None:
        """This conversation is told no more of the case's steps."""
        await self._session.execute(
            update(CaseFollower)
            .where(CaseFollower.case_id == case_id, CaseFollower.conversation_id == conversation_id)
            .values(ended_at=at)
        )

    async def follower(
        self, case_id: int, role: str, conversation_id: str | None = None
    ) -> CaseFollower:
        """A follower of that role (and conversation) who is known to follow the case."""
        statement = select(CaseFollower).where(
            CaseFollower.case_id == case_id, CaseFollower.role == role
        )
        if conversation_id is not None:
            statement = statement.where(CaseFollower.conversation_id == conversation_id)
        found = await self._session.scalars(statement.execution_options(populate_existing=True))
        return found.one()

    async def support(self, case_id: int, who: str, at: datetime) -> bool:
        """Add a supporter; False if counted already."""
        new = insert(CaseSupporter).values(case_id=case_id, who=who, at=at)
        counted = new.on_conflict_do_nothing().returning(CaseSupporter.who)
        return await self._session.scalar(counted) is not None

    async def claim_key(self, actor: str, key: str, body_hash: str, at: datetime) -> bool:
        """Take an idempotency key; False if it was used. Waits for a parallel claim to end."""
        new = insert(IdempotencyKey).values(
            actor=actor, key=key, body_hash=body_hash, created_at=at
        )
        claimed = new.on_conflict_do_nothing().returning(IdempotencyKey.key)
        return await self._session.scalar(claimed) is not None

    async def used_key(self, actor: str, key: str) -> IdempotencyKey:
        """A key that is known to be used."""
        statement = select(IdempotencyKey).where(
            IdempotencyKey.actor == actor, IdempotencyKey.key == key
        )
        return (await self._session.scalars(statement)).one()

    async def bind_key(self, actor: str, key: str, case_id: int) -> None:
        """Remember which case a key filed."""
        await self._session.execute(
            update(IdempotencyKey)
            .where(IdempotencyKey.actor == actor, IdempotencyKey.key == key)
            .values(case_id=case_id)
        )


def _conditions(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    """What no mark says."""
    return [] if wanted.due_before is None else [Case.due_at < wanted.due_before]


def _chosen(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    """A conversation's cases, or the one of a number, with every filter; or no filter at all."""
    given = {name: getattr(wanted, name) for name in ("conversation_id", *_FACETS)}
    chosen = [getattr(Case, name) == value for name, value in given.items() if value is not None]
    number = _number(wanted.q)
    if number is not None:
        chosen.append(Case.case_no == number)
    elif wanted.q:
        chosen.append(says_all(wanted.q.split()))
    return chosen


def _number(typed: str | None) -> str | None:
    try:
        return parse_case_no(typed or "")
    except CaseNoInvalidError:
        return None
