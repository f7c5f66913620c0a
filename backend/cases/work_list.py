"""The staff's work list: tabs, filters, search, one page at a time, counts that stay cheap."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.case_no import parse_case_no
from backend.cases.errors import CaseNoInvalidError, CursorInvalidError
from backend.cases.finding import Found, Place
from backend.cases.repository import CaseRepository
from backend.cases.rules import Holder
from backend.cases.schemas import BlankIsNone, CaseOut, PlaceCode
from backend.cases.views import CaseViews
from backend.cases.work_list_repository import (
    Turn,
    WorkListRepository,
    case_no_is,
    is_public_as,
    phone_is,
)
from backend.core.errors import ForbiddenError
from backend.core.privacy import mask_phone, normalise_phone
from backend.core.resources import Resources
from backend.core.text import Clean, Code, Line
from backend.staff.audit import AuditLog
from backend.staff.rules import Role, StaffMember, may, sees_identity, visible_cases
from backend.taxonomy.schemas import Category

Tab = Literal["mine", "place", "overdue", "soon", "waiting", "all"]
SOON_DAYS = 3
PAGE_SIZE = 30
_PUBLIC_NUMBER = re.compile(
    r"(?:公开|公示|认领)(?:编号)?\s*第?\s*([0-9]{1,9})\s*号?|第\s*([0-9]{1,9})\s*号"
)
"""What a caller reads from a public page: 公开编号第12号, 第12号."""
COUNT_LIMIT = 99
_TURNS: dict[Role, tuple[Holder, ...]] = {
    "hotline": ("hotline",),
    "village": ("village", "later"),
    "town": ("town",),
    "city": (),
    "supervisor": (),
    "auditor": (),
}
"""Whose turn counts as one's own, everything else waits for others; empty: no such difference."""


def tabs_of(role: Role) -> tuple[Tab, ...]:
    """The tabs that make sense for a role."""
    if role in ("supervisor", "auditor"):
        return ("place", "overdue", "soon", "all")
    if not _TURNS[role]:
        return ("mine", "place", "overdue", "soon", "all")
    return ("mine", "place", "overdue", "soon", "waiting", "all")


class WorkListQuery(BaseModel):
    """What the list shows; also the query string of its address."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    tab: Tab = "place"
    q: Annotated[Annotated[str, StringConstraints(max_length=100), Clean] | None, BlankIsNone] = (
        None
    )
    category: Annotated[Category | None, BlankIsNone] = None
    type: Annotated[Code | None, BlankIsNone] = None
    status: Annotated[Code | None, BlankIsNone] = None
    town: Annotated[PlaceCode | None, BlankIsNone] = None
    village: Annotated[PlaceCode | None, BlankIsNone] = None
    assignee: Annotated[Line | None, BlankIsNone] = None
    urged: bool = False
    cursor: Annotated[Annotated[str, StringConstraints(max_length=200)] | None, BlankIsNone] = None
    limit: int = Field(default=PAGE_SIZE, ge=1, le=100)


@dataclass(frozen=True, slots=True)
class WorkListPage:
    """A page of the list; ``next_cursor`` is None on the last one.

    ``unfinished``: the search was ended before the page was full, and goes on at the cursor.
    """

    items: list[CaseOut]
    next_cursor: str | None
    unfinished: bool = False


class WorkList:
    """One member of staff's list within one request."""

    def __init__(self, session: AsyncSession, resources: Resources, staff: StaffMember) -> None:
        self._rows = WorkListRepository(session, visible_cases(staff))
        self._staff = staff
        self._resources = resources
        self._identity = sees_identity(staff)
        self._views = CaseViews(CaseRepository(session), resources.vault, identity=self._identity)
        self._audit = AuditLog(session, resources.vault, resources.clock)

    async def page(self, query: WorkListQuery) -> WorkListPage:
        """The page after ``query.cursor``: open cases by deadline, or all cases newest first.

        Words are searched in number, summary, description and address; a case number finds its
        case; a whole phone number finds the caller's cases and is written into the audit log.

        Raises:
            CursorInvalidError: the cursor was not made here.
            ForbiddenError: words or a phone from somebody who may not see people.
        """
        turn = self._turn(query)
        found = await self._find(query, turn, _decode(query.cursor) if query.cursor else None)
        items = found.cases[: query.limit]
        place = found.stopped
        if len(found.cases) > query.limit:
            place = (None if turn.newest_first else items[-1].sort_due, items[-1].id)
        return WorkListPage(
            items=await self._views.many(items),
            next_cursor=_encode(place) if place else None,
            unfinished=found.stopped is not None,
        )

    async def counts(self) -> dict[Tab, int]:
        """How many cases each tab has, counted up to ``COUNT_LIMIT`` + 1."""
        return {
            tab: await self._rows.count(self._turn(WorkListQuery(tab=tab)), COUNT_LIMIT + 1)
            for tab in tabs_of(self._staff.role)
            if tab != "all"
        }

    async def _find(self, query: WorkListQuery, turn: Turn, after: Place | None) -> Found:
        """By case number, public number, whole phone number or words, as what was typed looks."""
        typed = query.q or ""
        published = _PUBLIC_NUMBER.fullmatch(typed.strip())
        if published:
            which = is_public_as(int(published[1] or published[2]))
            return Found(await self._rows.known(query, turn, after, which))
        try:
            which = case_no_is(parse_case_no(typed))
        except CaseNoInvalidError:
            if typed and not self._identity:
                raise ForbiddenError("只读账号可以按编号查找，不能按文字或电话查找") from None
            digits = normalise_phone(typed)
            if not _is_phone(typed, digits):
                return await self._rows.page(query, turn, after, tuple(typed.split()))
            which = await self._by_phone(digits)
        return Found(await self._rows.known(query, turn, after, which))

    async def _by_phone(self, digits: str) -> ColumnElement[bool]:
        if not may(self._staff, "search_by_phone"):
            raise ForbiddenError
        await self._audit.write(self._staff.username, "phone_search", reason=mask_phone(digits))
        return phone_is(self._resources.vault.keyed_hash("phone", digits))

    def _turn(self, query: WorkListQuery) -> Turn:
        now = self._resources.clock.now()
        holders = _TURNS[self._staff.role]
        match query.tab:
            case "mine":
                return Turn(assignee=self._staff.username)
            case "overdue":
                return Turn(before=now)
            case "soon":
                return Turn(since=now, before=now + timedelta(days=SOON_DAYS))
            case "waiting":
                return Turn(not_holders=holders)
            case "all":
                return Turn(newest_first=True)
            case _:
                return Turn(holders=holders)


def _is_phone(words: str, digits: str) -> bool:
    """Whether somebody typed a whole phone number and nothing else."""
    others = words.translate({ord(char): None for char in " -+()（）－　"})
    return len(digits) >= 7 and len(others) <= len(digits) + 4 and others.strip("+").isdigit()


def _encode(place: Place) -> str:
    due, case_id = place
    moment = "n" if due is None else str((due - _EPOCH) // timedelta(microseconds=1))
    return base64.urlsafe_b64encode(f"{moment}.{case_id}".encode()).decode().rstrip("=")


def _decode(cursor: str) -> Place:
    try:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        due, _, case_id = plain.partition(".")
        moment = None if due == "n" else _EPOCH + timedelta(microseconds=int(due))
        number = int(case_id)
    except (binascii.Error, ValueError, OverflowError) as error:
        raise CursorInvalidError from error
    if not 0 <= number < 2**63:
        raise CursorInvalidError
    return moment, number


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
