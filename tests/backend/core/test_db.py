"""One request, one transaction."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError

from backend.cases.models import Case
from backend.core import db
from backend.core.db import Database, create_database, locked
from backend.core.errors import AppError, ConflictError, DatabaseTroubleError, TooManyTriesError
from backend.core.resources import Resources
from tests.support.api import SERVICE, client, database_that_is_away

UPDATE = text("update failed_try set subject = 'u' where id = :id")
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


async def test_every_lock_lets_rows_refer_to_what_is_locked() -> None:
    """Locks of any other kind wait for lines of a log, and lines of a log for them."""
    sources = Path(db.__file__).parents[1].rglob("*.py")
    assert [str(p) for p in sources if "with_for_update" in p.read_text()] == [db.__file__]
    plain = str(locked(select(Case)).compile(dialect=postgresql.dialect()))
    assert plain.endswith("FOR NO KEY UPDATE")


class TestTrouble:
    """Whoever asked is told to try again; the page says so in words, programs get a code."""

    @pytest.fixture
    def gone(self, app: FastAPI, api_resources: Resources) -> FastAPI:
        app.state.resources = replace(api_resources, database=database_that_is_away())
        return app

    async def test_a_program_reads_when_to_try_again(self, gone: FastAPI) -> None:
        async with client(gone, SERVICE) as http:
            answer = await http.get("/cases")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["Retry-After"] == "1"

    async def test_a_person_reads_a_page(self, gone: FastAPI) -> None:
        async with client(gone, {"Accept": "text/html"}) as http:
            answer = await http.get("http://test/public")
        assert answer.status_code == 503
        assert "服务暂时不可用，请稍后再试" in answer.text

    async def test_two_that_wait_for_each_other_end_with_one_refused(
        self, committed: Database
    ) -> None:
        async with committed.transaction() as session:
            await session.execute(INSERT)
            await session.execute(INSERT)
            one, two = (await session.scalars(text("select id from failed_try"))).all()
        both_hold = asyncio.Barrier(2)

        async def change(first: int, second: int) -> None:
            async with committed.transaction() as session:
                await session.execute(UPDATE, {"id": first})
                await both_hold.wait()
                await session.execute(UPDATE, {"id": second})

        ended = await asyncio.gather(change(one, two), change(two, one), return_exceptions=True)
        assert [type(end) for end in ended if end] == [DatabaseTroubleError]


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
