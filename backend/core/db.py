"""Engine, sessions, and the rule "one request, one transaction, committed at the edge"."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, Unpack

import structlog
from fastapi import Depends
from fastapi.requests import HTTPConnection
from sqlalchemy import Select, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry

from backend.core.errors import AppError, DatabaseTroubleError
from backend.core.models import Base

_Selected = TypeVar("_Selected", bound=Select[Unpack[tuple[Any, ...]]])
log = structlog.get_logger(__name__)
PING_AFTER_S = 1.0
"""A connection that lay idle that long is proved alive before it is used."""
_SETTINGS = (
    "timezone=UTC",
    "statement_timeout=30000",
    # a plan made for a frequent word is wrong for a rare one, and planning takes half a millisecond
    "plan_cache_mode=force_custom_plan",
    "jit=off",
    # one request, one core; and stretches of a search are read one after the other
    "max_parallel_workers_per_gather=0",
)


def locked(
    statement: _Selected, *, of: type[Base] | None = None, skips_taken: bool = False
) -> _Selected:
    """The same rows, read anew and kept from other writers until the transaction ends.

    ``of``: only that table's rows of a join. ``skips_taken``: leave out what others work on.
    Rows that merely name a locked one (an event, a line of a log) can still be stored: a key never
    changes here, and waiting for them would let two transactions wait for each other.
    """
    kept = statement.with_for_update(key_share=True, of=of, skip_locked=skips_taken)
    return kept.execution_options(populate_existing=True)


@dataclass(frozen=True, slots=True)
class Database:
    """An engine with its session factory."""

    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One session, committed at the end, rolled back on any error.

        An ``AppError`` that says ``keeps_changes`` commits before it travels on: counters of
        refused tries must survive the refusal.

        Raises:
            DatabaseTroubleError: the server is away, every connection is taken, or it ended the
                transaction so that another could go on. Nothing is kept; it may be tried again.
        """
        try:
            async with self.sessions() as session:
                try:
                    yield session
                except AppError as error:
                    await (session.commit() if error.keeps_changes else session.rollback())
                    raise
                await session.commit()
        except (OperationalError, NoConnectionError) as error:
            log.exception(
                "database_trouble", error_class=type(error.__cause__ or error).__qualname__
            )
            raise DatabaseTroubleError from error

    async def ping(self) -> None:
        """Raise unless the database answers."""
        async with self.engine.connect() as connection:
            await connection.execute(text("select 1"))

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


def create_database(url: str, *, pool_size: int = 10) -> Database:
    """Build engine and session factory for a ``postgresql+psycopg://`` address; no connection yet."""
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        # the connection used last knows its statements and needs no ping
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args={"options": " ".join(f"-c {setting}" for setting in _SETTINGS)},
    )
    _ping_what_was_idle(engine)
    return Database(engine, async_sessionmaker(engine, expire_on_commit=False))


def _ping_what_was_idle(engine: AsyncEngine) -> None:
    """Prove a pooled connection alive before it is handed out, unless it was used a moment ago.

    A ping before every transaction costs as much as a query; a server that went away within that
    moment costs one failed transaction, which the platforms and the queue repeat.
    """
    pool, dialect = engine.sync_engine.pool, engine.sync_engine.dialect

    def checkin(_: object, record: ConnectionPoolEntry) -> None:
        record.info["idle_since"] = time.monotonic()

    def checkout(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        now = time.monotonic()
        if now - record.info.get("idle_since", now) < PING_AFTER_S:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(pool, "checkin", checkin)
    event.listen(pool, "checkout", checkout)


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    """FastAPI dependency: the request's session; commits before the response leaves."""
    database: Database = connection.app.state.resources.database
    async with database.transaction() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
