"""Fixtures of the backend's API: one database per run, every test rolled back.

A test's session factory shares one connection inside a transaction that is never committed; what
the application commits becomes a savepoint. ``committed`` is for tests of parallel work: it
commits, and empties the tables afterwards.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool

from backend.app import create_app
from backend.cases.examples import CASE
from backend.core.clock import FixedClock
from backend.core.db import Database, create_database
from backend.core.models import Base
from backend.core.resources import Resources, build_resources
from backend.settings import Settings, load_settings
from backend.staff.models import StaffAccount, StaffToken
from backend.staff.service import token_hash
from tests.support.postgres import fresh_database
from tests.support.settings import environment

NOW = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
"""10:00 on Tuesday, 3 November 2026, in Dongguan."""
SERVICE = {"Authorization": "Bearer service-token-for-tests"}

__all__ = [
    "_application",
    "api_resources",
    "api_settings",
    "app",
    "clock",
    "committed",
    "database",
    "database_address",
    "new_case",
    "service",
    "sign_in",
]

SignIn = Callable[..., Any]


@pytest.fixture(scope="session")
def database_address() -> Iterator[str]:
    """A migrated database for this run."""
    with fresh_database() as url:
        yield url


def database_that_is_away() -> Database:
    """Whoever asks it learns that no server answers."""
    engine = create_async_engine(
        "postgresql+psycopg://nobody@/nothing?host=/nowhere", poolclass=NullPool
    )
    return Database(engine, async_sessionmaker(engine))


@pytest.fixture(scope="session")
def api_settings(database_address: str) -> Settings:
    """Settings with fixed keys; nobody listens at Rasa's and the actions' addresses."""
    nowhere = "http://127.0.0.1:9"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(database_address).items():
            patch.setenv(name, value)
        return load_settings(_env_file=None, rasa_url=nowhere, actions_url=nowhere)


@pytest.fixture
def clock() -> FixedClock:
    """The time of the test; set ``clock.at`` to let it pass."""
    return FixedClock(NOW)


@pytest_asyncio.fixture(loop_scope="function")
async def database(database_address: str) -> AsyncIterator[Database]:
    """A database whose changes end with the test."""
    engine = create_async_engine(database_address, poolclass=NullPool)
    async with engine.connect() as connection:
        outer = await connection.begin()
        sessions = async_sessionmaker(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        yield Database(engine, sessions)
        await outer.rollback()
    await engine.dispose()


@pytest_asyncio.fixture(loop_scope="function")
async def api_resources(
    api_settings: Settings, database: Database, clock: FixedClock
) -> AsyncIterator[Resources]:
    """What the application is built from."""
    built = build_resources(api_settings, str(database.engine.url), clock=clock)
    await built.database.close()
    yield replace(built, database=database)
    await built.http.aclose()


@pytest.fixture(scope="session")
def _application(api_settings: Settings) -> FastAPI:
    return create_app(api_settings)


@pytest.fixture
def app(_application: FastAPI, api_resources: Resources) -> FastAPI:
    """The application, without its lifespan: no listener is started."""
    _application.state.resources = api_resources
    return _application


def client(app: FastAPI, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    """A client of the application in this process; errors of the application are raised."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test/api/v1", headers=headers
    )


@pytest_asyncio.fixture(loop_scope="function")
async def service(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The product's own processes."""
    async with client(app, SERVICE) as http:
        yield http


@pytest_asyncio.fixture(loop_scope="function")
async def sign_in(app: FastAPI, database: Database) -> AsyncIterator[SignIn]:
    """``await sign_in("village", town=…, village=…)`` gives that member of staff's client."""
    opened: list[httpx.AsyncClient] = []

    async def signed_in(role: str, **place: str) -> httpx.AsyncClient:
        username = f"{role}-{len(opened)}"
        token = f"token-of-{username}"
        async with database.transaction() as session:
            await _add_account(session, role, username, token, place)
        opened.append(client(app, {"Authorization": f"Bearer {token}"}))
        return opened[-1]

    yield signed_in
    for http in opened:
        await http.aclose()


async def _add_account(
    session: AsyncSession, role: str, username: str, token: str, place: dict[str, str]
) -> None:
    account = StaffAccount(
        username=username,
        display_name=f"经办人{username}",
        role=role,
        password_hash="",
        active=True,
        created_at=NOW,
        **place,
    )
    session.add(account)
    await session.flush()
    session.add(
        StaffToken(
            token_hash=token_hash(token),
            staff_id=account.id,
            created_at=NOW,
            expires_at=NOW + timedelta(days=3650),
        )
    )


@pytest.fixture
def new_case() -> Callable[..., dict[str, Any]]:
    """A valid case to file, with the changes given."""

    def build(**changes: Any) -> dict[str, Any]:
        assert isinstance(CASE, dict)
        return {**CASE, **changes}

    return build


@pytest_asyncio.fixture(loop_scope="function")
async def committed(database_address: str) -> AsyncIterator[Database]:
    """A database that commits for real; its tables are emptied afterwards."""
    database = create_database(database_address)
    yield database
    seeded = {"calendar_day"}
    tables = ", ".join(t.name for t in Base.metadata.sorted_tables if t.name not in seeded)
    async with database.engine.begin() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        await connection.execute(text(f"truncate {tables} restart identity cascade"))
    await database.close()


async def filed(service: httpx.AsyncClient, case: dict[str, Any], key: str = "k") -> dict[str, Any]:
    """File a case and return the answer's body."""
    answer = await service.post("/cases", json=case, headers={"Idempotency-Key": key})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body
