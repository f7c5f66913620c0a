"""Jobs are rows of the same database, queued in the transaction that causes them.

Procrastinate gives the engine; the worker registers the tasks (``backend/worker.py``). A job's
arguments are ids only: no person's data enters the queue's tables.
"""

from datetime import datetime

from procrastinate import App, PsycopgConnector
from sqlalchemy.ext.asyncio import AsyncSession

_DEFERRER = App(connector=PsycopgConnector())
"""Never opened: every job goes through the connection of its session."""


def build_queue(url: str, *, connections: int) -> App:
    """A queue for a worker, on a libpq address; opened by ``app.open_async()``."""
    return App(connector=PsycopgConnector(conninfo=url, min_size=2, max_size=connections))


async def defer(
    session: AsyncSession,
    task: str,
    *,
    lock: str | None = None,
    not_before: datetime | None = None,
    **ids: int | str,
) -> int:
    """Queue a job inside the session's transaction and return its id.

    Jobs under one ``lock`` run one at a time in the order in which they were queued, retries
    included. Nothing is queued if the transaction rolls back.
    """
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    deferrer = _DEFERRER.configure_task(
        task, lock=lock, schedule_at=not_before, connection=raw.driver_connection
    )
    return await deferrer.defer_async(**ids)
