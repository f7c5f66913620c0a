"""Signing in and out."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from backend.core.clock import FixedClock
from backend.core.db import Database
from backend.core.resources import Resources
from backend.staff.passwords import check_password, hash_password
from backend.staff.repository import StaffRepository
from backend.staff.samples import ensure_sample_accounts, is_loopback
from tests.support.api import client

CITY = {"username": "city", "password": "right-password"}


@pytest_asyncio.fixture(loop_scope="function")
async def nobody(
    app: FastAPI, database: Database, api_resources: Resources
) -> AsyncIterator[httpx.AsyncClient]:
    """A caller without a token, beside the sample account of the city."""
    settings = api_resources.settings.model_copy(update={"staff_password_city": _secret()})
    async with database.transaction() as session:
        assert await ensure_sample_accounts(StaffRepository(session), settings) == ["city"]
    async with client(app) as http:
        yield http


def _secret() -> SecretStr:
    return SecretStr(CITY["password"])


async def token(http: httpx.AsyncClient) -> dict[str, str]:
    """Headers of the signed-in city."""
    answer = await http.post("/auth/token", json=CITY)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


class TestToken:
    async def test_says_whose_it_is_and_how_long(self, nobody: httpx.AsyncClient) -> None:
        body = (await nobody.post("/auth/token", json=CITY)).json()
        assert body["token_type"] == "bearer"
        assert body["expires_at"] == "2026-11-03T22:00:00+08:00"
        assert body["staff"]["role"] == "city"

    async def test_opens_the_api(self, nobody: httpx.AsyncClient) -> None:
        answer = await nobody.get("/auth/me", headers=await token(nobody))
        assert answer.json()["username"] == "city"

    async def test_ends_with_its_time(self, nobody: httpx.AsyncClient, clock: FixedClock) -> None:
        headers = await token(nobody)
        clock.at += timedelta(hours=12)
        assert (await nobody.get("/auth/me", headers=headers)).status_code == 401

    async def test_ends_with_signing_out(self, nobody: httpx.AsyncClient) -> None:
        headers = await token(nobody)
        assert (await nobody.delete("/auth/token", headers=headers)).status_code == 204
        assert (await nobody.get("/auth/me", headers=headers)).status_code == 401

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer ÿ"])
    async def test_nothing_else_does(self, nobody: httpx.AsyncClient, header: str) -> None:
        headers = {"Authorization": header.encode("latin-1")}
        answer = await nobody.get("/auth/me", headers=headers)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"

    async def test_the_service_is_no_member_of_staff(self, service: httpx.AsyncClient) -> None:
        assert (await service.get("/auth/me")).status_code == 403


class TestWrongTries:
    @pytest.mark.parametrize("username", ["city", "nobody-of-that-name"])
    async def test_one_answer_for_both(self, nobody: httpx.AsyncClient, username: str) -> None:
        wrong = {"username": username, "password": "wrong"}
        answer = await nobody.post("/auth/token", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")

    async def test_are_limited_and_forgiven(
        self, nobody: httpx.AsyncClient, clock: FixedClock
    ) -> None:
        for _ in range(5):
            await nobody.post("/auth/token", json={**CITY, "password": "wrong"})
        refused = await nobody.post("/auth/token", json=CITY)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tries")
        assert int(refused.headers["retry-after"]) == 300
        clock.at += timedelta(seconds=300)
        assert (await nobody.post("/auth/token", json=CITY)).status_code == 200


class TestSamples:
    @pytest.mark.parametrize(
        ("host", "loopback"),
        [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False),  # noqa: S104
         ("10.0.0.8", False), ("example.org", False)],
    )  # fmt: skip
    def test_is_loopback(self, host: str, loopback: bool) -> None:
        assert is_loopback(host) is loopback

    async def test_none_on_an_open_address(
        self, database: Database, api_resources: Resources
    ) -> None:
        settings = api_resources.settings.model_copy(
            update={"staff_password_city": _secret(), "host": "10.0.0.8"}
        )
        async with database.transaction() as session:
            assert await ensure_sample_accounts(StaffRepository(session), settings) == []

    async def test_a_changed_password_takes_effect(
        self, nobody: httpx.AsyncClient, database: Database
    ) -> None:
        async with database.transaction() as session:
            account = await StaffRepository(session).by_username("city")
            assert account is not None
            account.password_hash = hash_password("another")
        assert (await nobody.post("/auth/token", json=CITY)).status_code == 401


def test_passwords_are_hashed_with_argon2id() -> None:
    hashed = hash_password("secret")
    assert hashed.startswith("$argon2id$")
    assert check_password("secret", hashed)
    assert not check_password("other", hashed)
    assert not check_password("secret", "not a hash")
