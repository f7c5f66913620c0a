"""The deadlines' jobs, as the worker registers them.

The queue asks every few minutes; ``claim`` lets the work be done once per period, whatever dies or
runs twice, and a worker that was down at the hour does it when it is back.
"""

import structlog
from procrastinate import App, RetryStrategy

from backend.cases.claims import release_unclaimed
from backend.cases.recomputing import recompute_all
from backend.cases.reminders import Reminders, horizon
from backend.core.clock import local_date, to_local
from backend.core.periods import claim, is_done
from backend.core.resources import Resources
from backend.deadlines.clockwork import load_clockwork
from backend.deadlines.service import RECOMPUTE_TASK, seed

REMINDERS_FROM_HOUR = 8
_RETRY = RetryStrategy(max_attempts=5, exponential_wait=5)
log = structlog.get_logger(__name__)


async def remind(resources: Resources) -> int:
    """Tell of all deadlines once a day, from eight in the morning on; how many were told."""
    now = resources.clock.now()
    if to_local(now).hour < REMINDERS_FROM_HOUR:
        return 0
    async with resources.database.transaction() as session:
        if not await claim(session, "cases.remind", local_date(now).isoformat(), now):
            return 0
        clockwork = await load_clockwork(session, resources.settings, now)
        told = await Reminders(session, clockwork, horizon(resources.settings)).sweep(now)
    log.info("deadlines_told", reminders=told)
    return told


async def keep_deadlines(resources: Resources) -> int:
    """Take in new notices of the library, and recompute when anything changed; how many moved.

    The period is the fingerprint of rules, local numbers and calendar; it is done when all are.
    """
    now = resources.clock.now()
    async with resources.database.transaction() as session:
        await seed(session)
        clockwork = await load_clockwork(session, resources.settings, now)
        period = f"{local_date(now).isoformat()}:{clockwork.fingerprint}"
        if await is_done(session, RECOMPUTE_TASK, period):
            return 0
    moved = await recompute_all(resources)
    async with resources.database.transaction() as session:
        await claim(session, RECOMPUTE_TASK, period, now)
    return moved


def register(app: App, resources: Resources) -> None:
    """Make the tasks known to the worker."""

    @app.periodic(cron="*/15 * * * *", periodic_id="remind")
    @app.task(name="cases.remind", retry=_RETRY, queueing_lock="cases.remind")
    async def _remind(timestamp: int) -> None:
        await remind(resources)

    @app.periodic(cron="*/15 * * * *", periodic_id="keep")
    @app.task(name="cases.keep_deadlines", retry=_RETRY, queueing_lock="cases.keep_deadlines")
    async def _keep(timestamp: int) -> None:
        await keep_deadlines(resources)

    @app.periodic(cron="*/15 * * * *", periodic_id="release")
    @app.task(name="cases.release_unclaimed", queueing_lock="cases.release_unclaimed")
    async def _release(timestamp: int) -> None:
        await release_unclaimed(resources)

    @app.task(name=RECOMPUTE_TASK, retry=_RETRY, lock="cases.recompute")
    async def _recompute() -> None:
        await recompute_all(resources)
