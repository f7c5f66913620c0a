"""Every request's outermost layer."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from tests.support.api import SERVICE, client

TOO_MUCH = 1_000_001


async def chunks(total: int) -> AsyncIterator[bytes]:
    """A body whose length is not declared."""
    for _ in range(0, total, 100_000):
        yield b"x" * 100_000


class TestSize:
    async def test_a_declared_body_above_the_limit_is_refused(self, app: FastAPI) -> None:
        async with client(app, SERVICE) as http:
            answer = await http.post("/triage", content=b"x" * TOO_MUCH)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

    async def test_an_undeclared_one_is_refused_while_it_arrives(self, app: FastAPI) -> None:
        async with client(app, SERVICE) as http:
            answer = await http.post("/triage", content=chunks(2_000_000))
        assert answer.status_code == 413

    async def test_an_undeclared_small_body_reaches_the_application(self, app: FastAPI) -> None:
        async with client(app, SERVICE) as http:
            answer = await http.post("/triage", content=chunks(200_000))
        assert answer.status_code == 422


class TestHeaders:
    @pytest.mark.parametrize("path", ["/taxonomy", "/cases", "/nowhere"])
    async def test_every_answer_is_guarded(self, app: FastAPI, path: str) -> None:
        async with client(app) as http:
            headers = (await http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-request-id"]


class TestErrors:
    @pytest.mark.parametrize(
        ("method", "path", "status", "code"),
        [
            ("GET", "/nowhere", 404, "not_found"),
            ("PUT", "/taxonomy", 405, "method_not_allowed"),
            ("GET", "/cases", 401, "unauthenticated"),
            ("GET", "/places/search", 422, "malformed"),
        ],
    )
    async def test_all_are_problem_json(
        self, app: FastAPI, method: str, path: str, status: int, code: str
    ) -> None:
        async with client(app) as http:
            answer = await http.request(method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    async def test_malformed_input_is_not_echoed(self, service: httpx.AsyncClient) -> None:
        answer = await service.post("/triage", json={"text": ["13800001234"]})
        assert answer.status_code == 422
        assert "138" not in answer.text
