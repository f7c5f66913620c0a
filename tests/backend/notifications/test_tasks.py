"""The jobs as a worker runs them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from procrastinate import App
from sqlalchemy import select, text

from backend.cases.filing import CaseFiling
from backend.cases.schemas import CaseCreate
from backend.core.clock import FixedClock
from backend.core.db import Database
from backend.core.resources import Resources, build_resources
from backend.notifications.models import Notice
from backend.settings import Settings
from backend.staff.rules import StaffMember
from backend.worker import build_worker
from tests.support.postgres import libpq

NewCase = Callable[..., dict[str, Any]]
AGENT = StaffMember(1, "agent", "话务员", "hotline")


async def work(app: App) -> None:
    """Run everything that is queued."""
    async with app.open_async():
        await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)


async def test_a_filed_case_is_planned_and_handed_over_by_any_worker(
    api_settings: Settings, committed: Database, clock: FixedClock, new_case: NewCase,
    database_address: str,
) -> None:  # fmt: skip
    built = build_resources(api_settings, database_address, clock=clock)
    resources: Resources = replace(built, database=committed)
    async with committed.transaction() as session:
        await session.execute(text("delete from procrastinate_jobs"))
        new = CaseCreate(**new_case(channel="hotline", conversation_id=None))
        await CaseFiling(session, resources).file(new, AGENT, "key")
    await work(build_worker(api_settings, resources, libpq(database_address)))
    async with committed.transaction() as session:
        notice = (await session.scalars(select(Notice))).one()
        failed = await session.scalar(
            text("select count(*) from procrastinate_jobs where status = 'failed'")
        )
    assert (notice.channel, notice.state) == ("sms", "handed")
    assert failed == 0
    await built.close()


def test_the_worker_knows_every_periodic_job(
    api_settings: Settings, api_resources: Resources, database_address: str
) -> None:
    app = build_worker(api_settings, api_resources, libpq(database_address))
    known = {name for name, _ in app.periodic_registry.periodic_tasks}
    assert {"cases.remind", "cases.keep_deadlines", "notifications.dispatch"} <= known
    assert {"cases.recompute_deadlines", "notifications.plan"} <= set(app.tasks)
