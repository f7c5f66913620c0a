"""Jobs are rows of the same database, queued in the transaction that causes them.

Procrastinate gives the engine; the worker registers the tasks (``backend/worker.py``). A job's
arguments are ids only: no person's data enters the queue's tables.
"""

import time
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from procrastinate import App, PsycopgConnector
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.db import PING_AFTER_S

_DEFERRER = App(connector=PsycopgConnector())
"""Never opened: every job goes through the connection of its session."""
_BEHIND = -1


def build_queue(url: str, *, connections: int) -> App:
    """A queue for a worker, on a libpq address; opened by ``app.open_async()``.

    Each call of the engine is one statement, so none needs a transaction around it.
    """
    connector = PsycopgConnector(
        conninfo=url,
        min_size=2,
        max_size=connections,
        configure=_without_transactions,
        pool_factory=_pool,
    )
    return App(connector=connector)


async def _without_transactions(connection: AsyncConnection) -> None:
    await connection.set_autocommit(True)


def _pool(**settings: Any) -> AsyncConnectionPool:
    """A pool that proves a connection alive unless it was used a moment ago."""
    used_at: WeakKeyDictionary[AsyncConnection, float] = WeakKeyDictionary()

    async def check(connection: AsyncConnection) -> None:
        if time.monotonic() - used_at.get(connection, 0.0) >= PING_AFTER_S:
            await AsyncConnectionPool.check_connection(connection)

    async def note_use(connection: AsyncConnection) -> None:
        used_at[connection] = time.monotonic()

    return AsyncConnectionPool(**settings | {"check": check, "reset": note_use})


async def defer(
    session: AsyncSession,
    task: str,
    *,
    lock: str | None = None,
    not_before: datetime | None = None,
    gives_way: bool = False,
    **ids: int | str,
) -> int:
    """Queue a job inside the session's transaction and return its id.

    Jobs under one ``lock`` run one at a time in the order in which they were queued, retries
    included. Nothing is queued if the transaction rolls back. ``gives_way``: nobody waits at a screen
    or a telephone for it, so it is begun when no other job is due.
    """
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    deferrer = _DEFERRER.configure_task(
        task,
        lock=lock,
        schedule_at=not_before,
        priority=_BEHIND if gives_way else 0,
        connection=raw.driver_connection,
    )
    return await deferrer.defer_async(**ids)


async def drop(session: AsyncSession, job_id: int) -> None:
    """Take a job back that waits for its time; one that runs or has run is left alone."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    await _DEFERRER.job_manager.cancel_job_by_id_async(
        job_id, delete_job=True, connection=raw.driver_connection
    )
