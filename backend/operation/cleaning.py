"""Forgetting what has served its time: one table of what, counted from when, kept how long.

Nothing of a case, its history, its messages or the audit log is ever among it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from procrastinate import App
from sqlalchemy import CursorResult, delete
from sqlalchemy.orm import InstrumentedAttribute

from backend.cases.models import ClaimOffer, IdempotencyKey
from backend.channels.sms.models import SmsNonce
from backend.channels.sms.signature import MAX_SKEW_S
from backend.channels.wechat.models import WeChatNonce
from backend.core.periods import JobPeriod
from backend.core.resources import Resources
from backend.core.throttle import FailedTry
from backend.desk.repository import DeskRepository
from backend.drafts.models import KeptDraft, MovedDraft
from backend.drafts.service import KEPT_FOR
from backend.settings import Settings
from backend.staff.models import StaffToken

_SKEWS = 3
"""A nonce is kept this many times as long as a signature counts as fresh."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Rows of one table that go once ``since`` lies further back than they are kept."""

    what: str
    since: Any
    kept: Callable[[Settings], timedelta]

    @property
    def table(self) -> Any:
        """The mapped class of the rows."""
        column: InstrumentedAttribute[datetime] = self.since
        return column.class_


def _tries(settings: Settings) -> timedelta:
    """As long as configured, and never shorter than a window in which they still count."""
    windows = timedelta(seconds=max(settings.login_window_s, settings.status_window_s))
    return max(timedelta(days=settings.keep_failed_tries_days), windows)


FORGOTTEN = (
    Forgotten("failed_tries", FailedTry.at, _tries),
    Forgotten(
        "idempotency_keys",
        IdempotencyKey.created_at,
        lambda settings: timedelta(days=settings.keep_idempotency_keys_days),
    ),
    Forgotten(
        "expired_sessions",
        StaffToken.expires_at,
        lambda settings: timedelta(days=settings.keep_ended_sessions_days),
    ),
    Forgotten(
        "revoked_sessions",
        StaffToken.revoked_at,
        lambda settings: timedelta(days=settings.keep_ended_sessions_days),
    ),
    Forgotten(
        "claim_offers",
        ClaimOffer.closed_at,
        lambda settings: timedelta(days=settings.keep_answered_offers_days),
    ),
    Forgotten(
        "job_periods",
        JobPeriod.at,
        lambda settings: timedelta(days=settings.keep_job_periods_days),
    ),
    Forgotten(
        "wechat_nonces",
        WeChatNonce.seen_at,
        lambda settings: timedelta(seconds=_SKEWS * settings.wechat_max_skew_s),
    ),
    Forgotten(
        "sms_nonces", SmsNonce.seen_at, lambda settings: timedelta(seconds=_SKEWS * MAX_SKEW_S)
    ),
    Forgotten("kept_drafts", KeptDraft.updated_at, lambda settings: KEPT_FOR),
    Forgotten(
        "moved_drafts",
        MovedDraft.at,
        lambda settings: timedelta(days=settings.keep_moved_drafts_days),
    ),
)


async def clean(resources: Resources) -> dict[str, int]:
    """Forget everything whose time is over; how many rows of each went.

    Each table in a transaction of its own; running again, or twice at once, changes nothing.
    """
    settings, now = resources.settings, resources.clock.now()
    gone = {}
    for row in FORGOTTEN:
        async with resources.database.transaction() as session:
            statement = delete(row.table).where(row.since < now - row.kept(settings))
            done: CursorResult[Any] = await session.execute(statement)  # type: ignore[assignment]
            gone[row.what] = done.rowcount
    async with resources.database.transaction() as session:
        before = now - timedelta(days=settings.keep_transcripts_days)
        gone["transcripts"] = await DeskRepository(session).wipe(before)
    log.info("cleaned", **gone)
    return gone


def register(app: App, resources: Resources) -> None:
    """Make the hourly job known to the worker.

    It forgets the queue's finished jobs, too. Failed ones stay: they can be run again. (What was
    not delivered is no job but a row of the messages, and is never among what is forgotten.)
    """

    @app.periodic(cron="17 * * * *", periodic_id="clean")
    @app.task(name="operation.clean", queueing_lock="operation.clean")
    async def _clean(timestamp: int) -> None:
        await clean(resources)
        await app.job_manager.delete_old_jobs(
            nb_hours=24 * resources.settings.keep_finished_jobs_days,
            include_cancelled=True,
            include_aborted=True,
        )
