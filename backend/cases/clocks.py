"""A case's clock: steps keep it, pauses and extensions move it, and so do changed rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case, CaseEvent, ClockChange
from backend.cases.publishing import Publishing
from backend.cases.rules import Status
from backend.cases.steps import enter, set_due
from backend.cases.wording import phrase
from backend.core.clock import local_date
from backend.deadlines.clockwork import Clockwork
from backend.deadlines.rules import Changes, Due, Event, Pause, due


class ClockRepository:
    """Pauses and extensions of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, case: Case) -> Sequence[ClockChange]:
        """What was done to the clock that runs now, oldest first."""
        statement = select(ClockChange).where(
            ClockChange.case_id == case.id,
            ClockChange.event == case.due_event,
            ClockChange.started_at == case.due_started_at,
        )
        return (await self._session.scalars(statement.order_by(ClockChange.id))).all()

    async def add(self, row: ClockChange | CaseEvent) -> None:
        """Append a row."""
        self._session.add(row)
        await self._session.flush()


class Clocks:
    """The clocks of cases within one transaction."""

    def __init__(self, session: AsyncSession, clockwork: Clockwork) -> None:
        self._rows = ClockRepository(session)
        self._publishing = Publishing(session)
        self._clockwork = clockwork

    async def enter(
        self, case: Case, to: Status, now: datetime, recorded: Mapping[str, str] | None = None
    ) -> None:
        """Put a case into a status; a clock that runs on keeps what was done to it.

        What the public reads of it follows; ``recorded`` was written with the step.
        """
        origin = Status(case.status)
        enter(case, to, now, self._clockwork)
        await self.apply(case)
        await self._publishing.follow(case, origin, now, recorded or {})

    async def apply(self, case: Case) -> Due | None:
        """Compute the deadline anew from its stored start, with pauses and extensions.

        A paused clock has no due date until it goes on.
        """
        if case.due_event is None or case.due_started_at is None:
            return None
        new = due(
            Event(case.due_event),
            case.due_started_at,
            work=self._clockwork.work,
            local=self._clockwork.local,
            verb=case.due_verb,
            changes=as_changes(await self._rows.of(case)),
        )
        set_due(case, new)
        if case.due_paused_at is not None:
            case.due_at = None
        return new


def as_changes(rows: Sequence[ClockChange]) -> Changes:
    """Rows as the rules take them; a pause that is not over counts nothing yet."""
    pauses = tuple(
        Pause(local_date(row.at), local_date(row.until))
        for row in rows
        if row.kind == "pause" and row.until is not None
    )
    return Changes(pauses, sum(row.days or 0 for row in rows if row.kind == "extension"))


def recomputed_event(case: Case, before: datetime | None, now: datetime) -> CaseEvent:
    """History of a deadline that moved because a rule or the calendar changed."""
    return CaseEvent(
        case_id=case.id,
        at=now,
        kind="deadline_recomputed",
        audience="staff",
        actor_kind="system",
        actor=None,
        actor_label=None,
        from_status=None,
        to_status=None,
        note=phrase("deadline_recomputed").format(basis=case.due_basis),
        data={"before": before.isoformat() if before else None},
    )
