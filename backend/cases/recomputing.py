"""Computing every running deadline anew when a rule, a local number or the calendar changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.clocks import Clocks, recomputed_event
from backend.cases.models import Case, FollowUp
from backend.core.db import locked
from backend.core.resources import Resources
from backend.deadlines.clockwork import Clockwork, load_clockwork
from backend.deadlines.rules import Event, due

_PORTION = 500


async def recompute_all(resources: Resources) -> int:
    """Compute all running deadlines anew, a portion a transaction; how many moved."""
    after, moved = 0, 0
    while True:
        async with resources.database.transaction() as session:
            now = resources.clock.now()
            clockwork = await load_clockwork(session, resources.settings, now)
            cases = await _portion(session, after)
            moved += await _recompute(session, cases, clockwork, now)
            if not cases:
                return moved + await _recompute_follow_ups(session, clockwork)
            after = cases[-1].id


async def _portion(session: AsyncSession, after: int) -> Sequence[Case]:
    statement = (
        select(Case)
        .where(Case.id > after, Case.due_event.is_not(None), Case.due_started_at.is_not(None))
        .order_by(Case.id)
        .limit(_PORTION)
    )
    return (await session.scalars(locked(statement))).all()


async def _recompute(
    session: AsyncSession, cases: Sequence[Case], clockwork: Clockwork, now: datetime
) -> int:
    clocks = Clocks(session, clockwork)
    moved = 0
    for case in cases:
        before = case.due_at
        await clocks.apply(case)
        if case.due_at != before:
            session.add(recomputed_event(case, before, now))
            moved += 1
    return moved


async def _recompute_follow_ups(session: AsyncSession, clockwork: Clockwork) -> int:
    moved = 0
    for row in await session.scalars(select(FollowUp).where(FollowUp.closed_at.is_(None))):
        new = due(Event.RATED_LOW, row.opened_at, work=clockwork.work, local=clockwork.local)
        moved += row.due_at != new.at
        row.due_at, row.due_basis = new.at, new.basis
        row.due_provisional = new.provisional
    return moved
