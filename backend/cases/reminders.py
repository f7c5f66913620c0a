"""Reminders before, on and after a due date, and escalation village → town → city.

One row per deadline and stage, whatever runs how often; the row is the reminder that staff of its
level read, and a line of the case's history.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from sqlalchemy import case, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case, CaseEvent, FollowUp, Reminder
from backend.cases.repository import CaseRepository, within
from backend.cases.rules import ENDED, FINISHED, Status
from backend.cases.schemas import CaseOut, ReminderList, ReminderOut
from backend.cases.views import CaseViews
from backend.cases.wording import phrase, reminder_text
from backend.core.clock import local_date
from backend.core.resources import Resources
from backend.deadlines.calendar import WorkCalendar
from backend.deadlines.clockwork import Clockwork
from backend.deadlines.rules import RULES, Event, end_of
from backend.settings import Settings
from backend.staff.rules import StaffMember, sees_identity, visible_cases

Stage = Literal["before", "on", "after", "escalated_town", "escalated_city"]
Level = Literal["village", "town", "city"]
_LIST_LIMIT = 200
_TOWNS_WORK = frozenset({Status.REVIEW, Status.CLAIM_PENDING, Status.CLAIM_OPEN})
"""In these the town itself is late, not the village."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """Working days before the due date and after it at which somebody is told."""

    before: int
    town: int
    city: int


def horizon(settings: Settings) -> Horizon:
    """This installation's reminders."""
    return Horizon(
        settings.remind_before_days, settings.escalate_town_days, settings.escalate_city_days
    )


def stages(due: date, today: date, work: WorkCalendar, at: Horizon) -> tuple[Stage, ...]:
    """The stages that a deadline has reached today; those told before are told no more."""
    if today == due:
        return ("on",)
    if today < due:
        near = due <= work.add_workdays(today, at.before)
        return ("before",) if near else ()
    late = work.workdays_between(due, today)
    reached: list[Stage] = ["after"]
    if late >= at.town:
        reached.append("escalated_town")
    if late >= at.city:
        reached.append("escalated_city")
    return tuple(reached)


def level(stage: Stage, status: Status, town: str | None, village: str | None) -> Level | None:
    """Who is told; ``None`` if a higher level has been told already."""
    first: Level = "town" if status in _TOWNS_WORK or village is None else "village"
    if town is None:
        first = "city"
    if stage == "escalated_town":
        return "town" if first == "village" else None
    if stage == "escalated_city":
        return "city" if first != "city" else None
    return first


class Deadline(NamedTuple):
    """Something that falls due."""

    matter: Case
    what: str
    due_at: datetime
    is_minimum: bool = False


class Reminders:
    """Reminders within one transaction."""

    def __init__(self, session: AsyncSession, clockwork: Clockwork, at: Horizon) -> None:
        self._session = session
        self._clockwork = clockwork
        self._at = at

    async def sweep(self, now: datetime) -> int:
        """Tell of every deadline what has not been told yet; how many reminders that were."""
        today = local_date(now)
        until = end_of(self._clockwork.work.add_workdays(today, self._at.before))
        told = 0
        for deadline in [*await self._of_cases(until), *await self._of_follow_ups(until)]:
            for stage in stages(local_date(deadline.due_at), today, self._clockwork.work, self._at):
                if not (deadline.is_minimum and stage != "on"):
                    told += await self._tell(deadline, stage, now)
        return told

    async def _of_cases(self, until: datetime) -> list[Deadline]:
        """Ours and the hotline's deadlines, the nearer one of each case (decision D8)."""
        theirs = case((Case.status.in_([*FINISHED, *ENDED]), None), else_=Case.external_due_at)
        ours = case((Case.due_started_at.is_not(None), Case.due_at), else_=None)
        nearer = func.least(ours, theirs)
        found = await self._session.execute(
            select(Case, nearer.label("nearer")).where(
                nearer <= until,
                or_(Case.due_at.is_not(None), Case.external_due_at.is_not(None)),
                Case.due_paused_at.is_(None),
                Case.status.not_in(ENDED),
            )
        )
        return [_deadline(matter, at) for matter, at in found]

    async def _of_follow_ups(self, until: datetime) -> list[Deadline]:
        found = await self._session.execute(
            select(Case, FollowUp.due_at)
            .join(FollowUp, FollowUp.case_id == Case.id)
            .where(FollowUp.closed_at.is_(None), FollowUp.due_at <= until)
        )
        what = RULES[Event.RATED_LOW].what
        return [Deadline(matter, what, due_at) for matter, due_at in found]

    async def _tell(self, deadline: Deadline, stage: Stage, now: datetime) -> bool:
        matter = deadline.matter
        to = level(stage, Status(matter.status), matter.town, matter.village)
        if to is None:
            return False
        new = insert(Reminder).values(
            case_id=matter.id,
            what=deadline.what,
            due_at=deadline.due_at,
            stage=stage,
            level=to,
            at=now,
        )
        told = await self._session.scalar(new.on_conflict_do_nothing().returning(Reminder.id))
        if told is not None:
            self._session.add(_event(deadline, stage, to, now))
        return told is not None


class ReminderDesk:
    """The reminders that a member of staff has to read."""

    def __init__(self, session: AsyncSession, resources: Resources, staff: StaffMember) -> None:
        self._session = session
        self._staff = staff
        identity = sees_identity(staff)
        self._views = CaseViews(CaseRepository(session), resources.vault, identity=identity)

    async def listed(self, to: Level | None) -> ReminderList:
        """Reminders of the cases this person sees, newest first; ``to`` narrows to one level."""
        statement = select(Reminder, Case).join(Case, Case.id == Reminder.case_id)
        statement = statement.where(within(visible_cases(self._staff)))
        if to is not None:
            statement = statement.where(Reminder.level == to)
        found = await self._session.execute(
            statement.order_by(Reminder.id.desc()).limit(_LIST_LIMIT)
        )
        rows = [(row, matter) for row, matter in found]
        views = await self._views.many([matter for _, matter in rows])
        pairs = zip(rows, views, strict=True)
        return ReminderList(items=[reminder_out(row, view) for (row, _), view in pairs])


def _deadline(matter: Case, nearer: datetime) -> Deadline:
    if matter.due_at == nearer and matter.due_what and matter.due_event:
        minimum = RULES[Event(matter.due_event)].at_least
        return Deadline(matter, matter.due_what, nearer, is_minimum=minimum)
    return Deadline(matter, phrase("external_due"), nearer)


def _event(deadline: Deadline, stage: Stage, to: Level, now: datetime) -> CaseEvent:
    return CaseEvent(
        case_id=deadline.matter.id,
        at=now,
        kind=f"deadline_{stage}",
        audience="staff",
        actor_kind="system",
        actor=None,
        actor_label=None,
        from_status=None,
        to_status=None,
        note=reminder_text(stage, deadline.what, deadline.due_at),
        data={"level": to},
    )


def reminder_out(row: Reminder, matter: CaseOut) -> ReminderOut:
    """A reminder with as much of its case as the reader may see."""
    return ReminderOut.model_validate(
        {
            "case_no": matter.case_no,
            "summary": matter.summary,
            "place": matter.place,
            "status_label": matter.status_label,
            "what": row.what,
            "due_at": row.due_at,
            "stage": row.stage,
            "level": row.level,
            "text": reminder_text(row.stage, row.what, row.due_at),
            "at": row.at,
        }
    )
