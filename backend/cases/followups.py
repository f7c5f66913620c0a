"""After the feedback: low ratings open a 回访 with its own clock, "not solved" reopens the case."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.clocks import Clocks
from backend.cases.errors import FollowUpClosedError
from backend.cases.models import Case, CaseEvent, FollowUp
from backend.cases.repository import CaseRepository, within
from backend.cases.rules import CALL_MISSED, MATTER, Actor, Status, reopened
from backend.cases.schemas import CaseOut, DueOut, FollowUpDone, FollowUpList, FollowUpOut
from backend.cases.views import CaseViews
from backend.cases.wording import phrase
from backend.core.db import locked
from backend.core.errors import ForbiddenError, NotFoundError
from backend.core.metrics import TRANSITIONS
from backend.core.privacy import mask_text
from backend.core.resources import Resources
from backend.deadlines.clockwork import load_clockwork
from backend.deadlines.rules import RULES, Event, due
from backend.staff.rules import Role, StaffMember, sees_identity, visible_cases

LOW_SCORE = 2
_LIST_LIMIT = 200
_CALLERS: frozenset[Role] = frozenset({"village", "town", "city", "hotline"})


class FollowUps:
    """Follow-ups within one transaction."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._session = session
        self._resources = resources
        self._rows = CaseRepository(session)

    async def judge(self, case: Case, score: int, resolved: bool | None) -> None:
        """Act on a rating: reopen what is not solved, call back whoever is not content.

        "Not solved" after the window (``reopen_days`` since the case was finished) opens a 回访
        instead. The case must be locked.
        """
        now = self._resources.clock.now()
        if resolved is False and await self._reopen(case, now):
            reason = "unresolved"
        elif resolved is False:
            await self.open(case, "unresolved", now)
            return
        else:
            reason = "rated_low"
        if score <= LOW_SCORE:
            await self.open(case, reason, now)

    async def _reopen(self, case: Case, now: datetime) -> bool:
        window = timedelta(days=self._resources.settings.reopen_days)
        origin = Status(case.status)
        to = reopened(case.category, origin)
        if to is None or now - case.entered_at > window:
            return False
        clockwork = await load_clockwork(self._session, self._resources.settings, now)
        await Clocks(self._session, clockwork).enter(case, to, now)
        note = phrase("reopened_out_of_scope" if case.category == MATTER else "reopened")
        await self._rows.add(_event(case, "transition", now, "system", note, origin, to))
        TRANSITIONS.labels(to.value).inc()
        return True

    async def open(self, case: Case, reason: str, now: datetime) -> None:
        """Open a 回访; an open one of the same case stays as it is."""
        clockwork = await load_clockwork(self._session, self._resources.settings, now)
        new = due(Event.RATED_LOW, now, work=clockwork.work, local=clockwork.local)
        statement = insert(FollowUp).values(
            case_id=case.id,
            reason=reason,
            opened_at=now,
            due_at=new.at,
            due_basis=new.basis,
            due_provisional=new.provisional,
        )
        opened = statement.on_conflict_do_nothing().returning(FollowUp.id)
        if await self._session.scalar(opened) is not None:
            event = _event(case, "follow_up_opened", now, "system", new.basis, audience="staff")
            await self._rows.add(event)


class FollowUpDesk:
    """What staff do with the follow-ups in their scope."""

    def __init__(self, session: AsyncSession, resources: Resources, staff: StaffMember) -> None:
        self._session = session
        self._resources = resources
        self._staff = staff
        self._rows = CaseRepository(session)
        self._views = CaseViews(self._rows, resources.vault, identity=sees_identity(staff))

    async def listed(self, *, is_open: bool) -> FollowUpList:
        """Follow-ups of the cases this person sees, the most urgent first."""
        ended = FollowUp.closed_at.is_(None) if is_open else FollowUp.closed_at.is_not(None)
        found = await self._session.execute(
            select(FollowUp, Case)
            .join(Case, Case.id == FollowUp.case_id)
            .where(ended, within(visible_cases(self._staff)))
            .order_by(FollowUp.due_at, FollowUp.id)
            .limit(_LIST_LIMIT)
        )
        rows = [(row, case) for row, case in found]
        views = await self._views.many([case for _, case in rows])
        pairs = zip(rows, views, strict=True)
        return FollowUpList(items=[_out(row, view) for (row, _), view in pairs])

    async def close(self, follow_up_id: int, done: FollowUpDone) -> FollowUpOut:
        """Write down what the 回访 found.

        Raises:
            NotFoundError: no such follow-up in scope. FollowUpClosedError: it has its outcome.
        """
        if self._staff.role not in _CALLERS:
            raise ForbiddenError
        row, case = await self._locked(follow_up_id)
        if row.closed_at is not None:
            raise FollowUpClosedError
        now = self._resources.clock.now()
        row.closed_at, row.closed_by = now, self._staff.username
        row.outcome = done.outcome
        row.note = mask_text(done.note) if done.note else None
        event = _event(case, "follow_up_closed", now, "staff", row.note, audience="staff")
        event.actor, event.actor_label = self._staff.username, self._staff.display_name
        event.data = {"outcome": done.outcome}
        await self._rows.add(event)
        if done.outcome == "not_reached":
            await self._rows.add(_event(case, CALL_MISSED, now, "staff", None))
        return _out(row, await self._views.one(case))

    async def _locked(self, follow_up_id: int) -> tuple[FollowUp, Case]:
        found: Sequence[tuple[FollowUp, Case]] = [
            (row, case)
            for row, case in await self._session.execute(
                locked(
                    select(FollowUp, Case)
                    .join(Case, Case.id == FollowUp.case_id)
                    .where(FollowUp.id == follow_up_id, within(visible_cases(self._staff))),
                    of=FollowUp,
                )
            )
        ]
        if not found:
            raise NotFoundError
        return found[0]


def _event(
    case: Case,
    kind: str,
    now: datetime,
    actor_kind: Actor | str,
    note: str | None,
    origin: Status | None = None,
    to: Status | None = None,
    audience: str = "public",
) -> CaseEvent:
    case.updated_at = now
    return CaseEvent(
        case_id=case.id,
        at=now,
        kind=kind,
        audience=audience,
        actor_kind=actor_kind,
        actor=None,
        actor_label=None,
        from_status=origin,
        to_status=to,
        note=note,
        data={},
    )


def _out(row: FollowUp, case: CaseOut) -> FollowUpOut:
    rule = RULES[Event.RATED_LOW]
    return FollowUpOut.model_validate(
        {
            "id": row.id,
            "case_no": case.case_no,
            "summary": case.summary,
            "place": case.place,
            "reason": row.reason,
            "opened_at": row.opened_at,
            "due": DueOut(
                what=rule.what,
                at=row.due_at,
                basis=row.due_basis,
                provisional=row.due_provisional,
                local=rule.local,
            ),
            "closed_at": row.closed_at,
            "outcome": row.outcome,
            "note": row.note,
        }
    )
