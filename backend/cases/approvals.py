"""Pausing and extending a clock: calls of an approver, with reason."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.clocks import ClockRepository, Clocks
from backend.cases.errors import ClockPausedError, NoClockError
from backend.cases.models import Case, ClockChange
from backend.cases.schemas import CaseDetail, ClockChangeIn, ExtensionIn
from backend.cases.work import StaffDesk
from backend.core.errors import ForbiddenError
from backend.core.resources import Resources
from backend.deadlines.clockwork import load_clockwork
from backend.staff.rules import StaffMember

_APPROVERS = frozenset({"town", "city"})


class ClockDesk:
    """What an approver (town or city) does with a clock; a village asks its town."""

    def __init__(self, session: AsyncSession, resources: Resources, staff: StaffMember) -> None:
        self._session = session
        self._resources = resources
        self._staff = staff
        self._desk = StaffDesk(session, resources, staff)
        self._rows = ClockRepository(session)

    async def extend(self, case_no: str, wish: ExtensionIn) -> CaseDetail:
        """Grant further days: working days where the rule counts those."""
        case = await self._running(case_no)
        await self._rows.add(self._change(case, "extension", wish.reason, days=wish.days))
        return await self._finish(case, "deadline_extended", wish.reason, wish.note)

    async def pause(self, case_no: str, wish: ClockChangeIn) -> CaseDetail:
        """Stop the clock; the days until it goes on do not count."""
        case = await self._running(case_no)
        case.due_paused_at = self._resources.clock.now()
        await self._rows.add(self._change(case, "pause", wish.reason))
        return await self._finish(case, "deadline_paused", wish.reason, wish.note)

    async def resume(self, case_no: str, wish: ClockChangeIn) -> CaseDetail:
        """Let a paused clock go on; the day of the resumption counts again.

        Raises:
            NoClockError: it is not paused.
        """
        case = await self._open(case_no)
        pauses = [row for row in await self._rows.of(case) if row.kind == "pause"]
        if case.due_paused_at is None or not pauses:
            raise NoClockError
        pauses[-1].until = self._resources.clock.now()
        case.due_paused_at = None
        return await self._finish(case, "deadline_resumed", wish.reason, wish.note)

    async def _open(self, case_no: str) -> Case:
        case = await self._desk.find(case_no, lock=True)
        if self._staff.role not in _APPROVERS:
            raise ForbiddenError
        return case

    async def _running(self, case_no: str) -> Case:
        case = await self._open(case_no)
        if case.due_event is None or case.due_started_at is None:
            raise NoClockError
        if case.due_paused_at is not None:
            raise ClockPausedError
        return case

    def _change(self, case: Case, kind: str, reason: str, days: int | None = None) -> ClockChange:
        return ClockChange(
            case_id=case.id,
            event=case.due_event,
            started_at=case.due_started_at,
            kind=kind,
            at=self._resources.clock.now(),
            until=None,
            days=days,
            reason=reason,
            approver=self._staff.username,
        )

    async def _finish(self, case: Case, kind: str, reason: str, note: str | None) -> CaseDetail:
        """Compute the deadline, write history: the reason for staff, the note for the reporter."""
        now = self._resources.clock.now()
        await self._session.flush()
        clockwork = await load_clockwork(self._session, self._resources.settings, now)
        await Clocks(self._session, clockwork).apply(case)
        case.updated_at = now
        await self._desk.record(case, kind, now, note=reason, audience="staff")
        if note:
            await self._desk.record(case, kind, now, note=note)
        return await self._desk.detail(case)
