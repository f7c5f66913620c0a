"""What was published and nobody has claimed in time goes to the special fund by itself."""

from sqlalchemy import select

from backend.cases.clocks import Clocks
from backend.cases.models import Case, CaseEvent
from backend.cases.repository import CaseRepository
from backend.cases.rules import Status, unclaimed
from backend.cases.wording import phrase
from backend.core.db import locked
from backend.core.metrics import TRANSITIONS
from backend.core.resources import Resources
from backend.deadlines.clockwork import load_clockwork

_PORTION = 200


async def release_unclaimed(resources: Resources) -> int:
    """Move on what has waited its time (D4), unless its clock is paused; how many that were.

    Cases that somebody works on at this moment are left to the next run.
    """
    now = resources.clock.now()
    async with resources.database.transaction() as session:
        rows = CaseRepository(session)
        clockwork = await load_clockwork(session, resources.settings, now)
        waiting = select(Case).where(
            Case.status == Status.CLAIM_OPEN, Case.due_at < now, Case.due_paused_at.is_(None)
        )
        waiting = waiting.order_by(Case.id).limit(_PORTION)
        cases = (await session.scalars(locked(waiting, skips_taken=True))).all()
        for case in cases:
            to = unclaimed(case.category)
            await Clocks(session, clockwork).enter(case, to, now)
            await rows.add(
                CaseEvent(
                    case_id=case.id,
                    at=now,
                    kind="transition",
                    audience="public",
                    actor_kind="system",
                    from_status=Status.CLAIM_OPEN,
                    to_status=to,
                    note=phrase("unclaimed"),
                    data={},
                )
            )
            TRANSITIONS.labels(to.value).inc()
        return len(cases)
