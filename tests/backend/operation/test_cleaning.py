"""What has served its time is forgotten, what has not is kept, and cases are never touched."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from procrastinate import App
from sqlalchemy import func, select

from backend.cases.models import Case, CaseEvent, IdempotencyKey
from backend.channels.sms.models import SmsNonce
from backend.channels.wechat.models import WeChatNonce
from backend.core.clock import FixedClock
from backend.core.periods import JobPeriod
from backend.core.resources import Resources
from backend.core.throttle import FailedTry
from backend.desk.models import DeskDraft
from backend.operation.cleaning import FORGOTTEN, clean
from backend.settings import Settings
from backend.staff.models import AuditEntry, StaffAccount, StaffToken
from backend.worker import build_worker
from tests.support.api import SignIn, filed
from tests.support.postgres import libpq

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


async def token(resources: Resources, at: datetime, **changes: Any) -> StaffToken:
    """A staff session that ends then."""
    async with resources.database.transaction() as session:
        account = await session.scalar(select(StaffAccount))
        if account is None:
            account = StaffAccount(
                username="a", display_name="甲", role="city", password_hash="", created_at=at
            )
            session.add(account)
            await session.flush()
        row = StaffToken(
            token_hash=f"{at}{changes}", staff_id=account.id, created_at=at - DAY,
            **{"expires_at": at, **changes},
        )  # fmt: skip
        session.add(row)
    return row


async def add(resources: Resources, row: Any) -> None:
    """Store a row."""
    async with resources.database.transaction() as session:
        session.add(row)


async def count(resources: Resources, model: Any) -> int:
    """How many rows there are."""
    async with resources.database.transaction() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


ROWS: list[Any] = [
    pytest.param(lambda at: FailedTry(scope="login", subject="s", at=at), 7 * DAY, id="tries"),
    pytest.param(
        lambda at: IdempotencyKey(actor="s", key="k", body_hash="h", created_at=at),
        30 * DAY,
        id="keys",
    ),
    pytest.param(lambda at: JobPeriod(job="j", period="p", at=at), 60 * DAY, id="periods"),
    pytest.param(
        lambda at: WeChatNonce(digest="d", body_digest="b", seen_at=at),
        timedelta(seconds=900),
        id="wechat nonces",
    ),
    pytest.param(
        lambda at: SmsNonce(digest="d", seen_at=at), timedelta(seconds=900), id="sms nonces"
    ),
]


@pytest.mark.parametrize(("build", "kept"), ROWS)
async def test_each_kind_is_kept_for_its_time_and_not_longer(
    api_resources: Resources,
    clock: FixedClock,
    build: Callable[[datetime], Any],
    kept: timedelta,
) -> None:
    row = build(clock.now())
    await add(api_resources, row)
    clock.at += kept
    await clean(api_resources)
    assert await count(api_resources, type(row)) == 1
    clock.at += SECOND
    assert 1 in (await clean(api_resources)).values()
    assert await count(api_resources, type(row)) == 0
    assert set((await clean(api_resources)).values()) == {0}


async def test_sessions_go_after_they_have_expired_or_were_revoked(
    api_resources: Resources, clock: FixedClock
) -> None:
    now = clock.now()
    await token(api_resources, now)
    await token(api_resources, now + 365 * DAY, revoked_at=now)
    await token(api_resources, now + 365 * DAY)
    clock.at += 7 * DAY
    await clean(api_resources)
    assert await count(api_resources, StaffToken) == 3
    clock.at += SECOND
    await clean(api_resources)
    assert await count(api_resources, StaffToken) == 1


async def test_transcripts_are_wiped_and_their_drafts_stay(
    api_resources: Resources, clock: FixedClock
) -> None:
    draft = DeskDraft(
        token="t", agent="a", position=0, state="closed", sealed="x", cards=1, danger=[],
        created_at=clock.now(), closed_at=clock.now(),
    )  # fmt: skip
    await add(api_resources, draft)
    clock.at += 7 * DAY + SECOND
    assert (await clean(api_resources))["transcripts"] == 1
    async with api_resources.database.transaction() as session:
        assert await session.scalar(select(DeskDraft.sealed)) is None
    assert await count(api_resources, DeskDraft) == 1


async def test_tries_are_kept_as_long_as_they_count(
    api_resources: Resources, clock: FixedClock
) -> None:
    await add(api_resources, FailedTry(scope="proof_case", subject="s", at=clock.now()))
    (row,) = [row for row in FORGOTTEN if row.what == "failed_tries"]
    changes = {"keep_failed_tries_days": 1, "status_window_s": 10 * 86_400}
    assert row.kept(api_resources.settings.model_copy(update=changes)) == 10 * DAY


async def test_cases_their_history_and_the_audit_log_outlive_everything(
    service: httpx.AsyncClient,
    sign_in: SignIn,
    new_case: Callable[..., dict[str, Any]],
    api_resources: Resources,
    clock: FixedClock,
) -> None:
    case = await filed(service, new_case())
    city = await sign_in("city")
    await city.post(f"/cases/{case['case_no']}/reveal", json={"reason": "核对联系电话"})
    before = [await count(api_resources, table) for table in (Case, CaseEvent, AuditEntry)]
    clock.at += 3650 * DAY
    await clean(api_resources)
    after = [await count(api_resources, table) for table in (Case, CaseEvent, AuditEntry)]
    assert before == after
    assert before[2] == 1


JOB_STATES = ("todo", "doing", "succeeded", "cancelled", "aborted", "failed")


async def aged_job(app: App, status: str, hours: int) -> int:
    """A job that reached its state that long ago."""
    job_id = await app.configure_task("t").defer_async()
    for change in (
        "update procrastinate_jobs set status = %(status)s"
        " where id = %(id)s and status <> %(status)s",
        "update procrastinate_events set at = now() - make_interval(hours => %(hours)s)"
        " where job_id = %(id)s",
    ):
        await app.connector.execute_query_async(change, id=job_id, status=status, hours=hours)
    return job_id


async def test_finished_jobs_are_forgotten_and_those_that_can_be_run_again_are_not(
    api_settings: Settings, api_resources: Resources, database_address: str
) -> None:
    kept = 24 * api_settings.keep_finished_jobs_days
    app = build_worker(api_settings, api_resources, libpq(database_address))
    async with app.open_async():
        young = [await aged_job(app, status, kept - 1) for status in JOB_STATES]
        old = {await aged_job(app, status, kept + 1): status for status in JOB_STATES}
        await app.tasks["operation.clean"].func(timestamp=0)
        rows = await app.connector.execute_query_all_async("select id from procrastinate_jobs")
        await app.connector.execute_query_async("delete from procrastinate_jobs")
    left = {row["id"] for row in rows}
    assert left.issuperset(young)
    assert {old[job_id] for job_id in left if job_id in old} == {"todo", "doing", "failed"}


def test_the_worker_cleans_every_hour(
    api_settings: Settings, api_resources: Resources, database_address: str
) -> None:
    app = build_worker(api_settings, api_resources, libpq(database_address))
    crons = {name: task.cron for (name, _), task in app.periodic_registry.periodic_tasks.items()}
    assert crons["operation.clean"] == "17 * * * *"
