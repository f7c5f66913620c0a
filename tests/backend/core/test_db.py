"""One request, one transaction."""

import pytest
from sqlalchemy import text

from backend.core.db import Database
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
