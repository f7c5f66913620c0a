"""One request, one transaction."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from backend.core import db
from backend.core.db import Database, create_database
from backend.core.errors import AppError, ConflictError, TooManyTriesError

COUNT = text("select count(*) from failed_try")
INSERT = text("insert into failed_try (scope, subject, at) values ('t', 's', now())")


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        pytest.param(ConflictError(), 0, id="an error rolls back"),
        pytest.param(TooManyTriesError(1), 1, id="a refusal that keeps its changes commits"),
    ],
)
async def test_the_end_of_a_transaction(database: Database, error: AppError, kept: int) -> None:
    async def work() -> None:
        async with database.transaction() as session:
            await session.execute(INSERT)
            raise error

    with pytest.raises(AppError):
        await work()
    async with database.transaction() as session:
        assert await session.scalar(COUNT) == kept


async def test_success_commits(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(INSERT)
    async with database.transaction() as session:
        assert await session.scalar(COUNT) == 1


class TestConnectionsThatBroke:
    """The server restarts, or a firewall forgets an idle connection."""

    @pytest_asyncio.fixture(loop_scope="function")
    async def pool(self, database_address: str) -> AsyncIterator[Database]:
        """One pooled connection, and another to end it."""
        built = create_database(database_address, pool_size=1)
        yield built
        await built.close()

    @staticmethod
    async def _end_others(pool: Database, address: str) -> None:
        async with pool.transaction() as session:
            mine = await session.scalar(text("select pg_backend_pid()"))
        another = create_database(address)
        async with another.transaction() as session:
            await session.execute(text("select pg_terminate_backend(:pid, 2000)"), {"pid": mine})
        await another.close()

    async def test_one_that_lay_idle_is_replaced_unseen(
        self, pool: Database, database_address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(db, "PING_AFTER_S", 0.0)
        await self._end_others(pool, database_address)
        async with pool.transaction() as session:
            assert await session.scalar(text("select 1")) == 1

    async def test_one_that_was_just_used_costs_one_transaction(
        self, pool: Database, database_address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(db, "PING_AFTER_S", 60.0)
        await self._end_others(pool, database_address)
        with pytest.raises(OperationalError):
            await pool.ping()
        await pool.ping()
