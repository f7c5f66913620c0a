"""The reminders that one member of staff has to read: for their level, still pending, not read yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case, ClaimOffer, FollowUp, Reminder, ReminderRead
from backend.cases.reminders import Level, reminder_out
from backend.cases.repository import CaseRepository, within
from backend.cases.rules import ENDED, FINISHED
from backend.cases.schemas import ReminderOut
from backend.cases.views import CaseViews
from backend.core.resources import Resources
from backend.staff.rules import Role, StaffMember, sees_identity, visible_cases

SHOWN = 50
_LEVELS: dict[Role, Level] = {"village": "village", "town": "town", "city": "city"}
"""Whoever works at a level reads what its level is told; others read every level in their scope."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A reminder on somebody's list."""

    id: int
    reminder: ReminderOut


class ReminderInbox:
    """One person's reminders within one request."""

    def __init__(self, session: AsyncSession, resources: Resources, staff: StaffMember) -> None:
        self._session = session
        self._staff = staff
        self._now = resources.clock.now()
        rows = CaseRepository(session)
        self._views = CaseViews(rows, resources.vault, identity=sees_identity(staff))

    async def count(self) -> int:
        """How many are unread, at most one more than are shown."""
        unread = select(Reminder.id).join(Case, Case.id == Reminder.case_id).where(*self._unread())
        some = unread.limit(SHOWN + 1).subquery()
        return await self._session.scalar(select(func.count()).select_from(some)) or 0

    async def unread(self) -> list[Unread]:
        """The unread ones, the newest first."""
        both = select(Reminder, Case).join(Case, Case.id == Reminder.case_id)
        wanted = both.where(*self._unread()).order_by(Reminder.id.desc()).limit(SHOWN)
        found = [(row, case) for row, case in await self._session.execute(wanted)]
        cases = {case.id: case for _, case in found}
        views = await self._views.many(list(cases.values()))
        shown = dict(zip(cases, views, strict=True))
        return [Unread(row.id, reminder_out(row, shown[case.id])) for row, case in found]

    async def read(self, reminder_ids: Sequence[int]) -> int:
        """Mark these as read, as far as they are on this list; how many that were."""
        mine = select(Reminder.id).join(Case, Case.id == Reminder.case_id).where(*self._unread())
        ids = (await self._session.scalars(mine.where(Reminder.id.in_(reminder_ids)))).all()
        if ids:
            values = [{"staff_id": self._staff.id, "reminder_id": i, "at": self._now} for i in ids]
            await self._session.execute(
                insert(ReminderRead).values(values).on_conflict_do_nothing()
            )
        return len(ids)

    def _unread(self) -> list[ColumnElement[bool]]:
        """What holds for the reminders on this list; cases are joined."""
        seen = exists().where(
            ReminderRead.reminder_id == Reminder.id, ReminderRead.staff_id == self._staff.id
        )
        level = _LEVELS.get(self._staff.role)
        of_level = [Reminder.level == level] if level else []
        return [within(visible_cases(self._staff)), _pending(), ~seen, *of_level]


def _pending() -> ColumnElement[bool]:
    """What it tells of still stands: a step that was taken, an offer that was answered need none."""
    follow_up = exists().where(
        FollowUp.case_id == Reminder.case_id,
        FollowUp.due_at == Reminder.due_at,
        FollowUp.closed_at.is_(None),
    )
    offer = exists().where(
        Reminder.stage == "offer",
        ClaimOffer.case_id == Reminder.case_id,
        ClaimOffer.closed_at.is_(None),
    )
    return or_(
        offer,
        Case.due_at == Reminder.due_at,
        and_(Case.external_due_at == Reminder.due_at, Case.status.not_in([*FINISHED, *ENDED])),
        follow_up,
    )
