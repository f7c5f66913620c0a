"""The action server's client: every failure becomes one of two errors."""

from __future__ import annotations

import httpx
import pytest

from actions.backend_client import BackendClient
from actions.errors import BackendDown, BackendRefused
from actions.settings import Settings

SETTINGS = Settings("http://backend.test", "service-token")


def client(answer: httpx.Response | Exception) -> BackendClient:
    """A client whose backend gives this answer."""

    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return BackendClient(SETTINGS, httpx.MockTransport(handle))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.ConnectError("refused"), id="nobody listens"),
        pytest.param(httpx.ReadTimeout("slow"), id="too slow"),
        pytest.param(httpx.Response(503, json={"code": "x"}), id="5xx"),
        pytest.param(httpx.Response(201, text="<html>"), id="not JSON"),
    ],
)
async def test_no_usable_answer_is_backend_down(answer: httpx.Response | Exception) -> None:
    with pytest.raises(BackendDown):
        await client(answer).create_case({}, "k")


async def test_a_refusal_keeps_its_status_and_code() -> None:
    answer = httpx.Response(409, json={"code": "idempotency_conflict"})
    with pytest.raises(BackendRefused) as refused:
        await client(answer).create_case({}, "k")
    assert (refused.value.status, refused.value.code) == (409, "idempotency_conflict")


async def test_the_key_and_the_token_travel_in_headers() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json={"case_no": "WSS26112100014"})

    await BackendClient(SETTINGS, httpx.MockTransport(handle)).create_case({"type": "road"}, "k1")
    assert seen[0].url.path == "/api/v1/cases"
    assert seen[0].headers["idempotency-key"] == "k1"
    assert seen[0].headers["authorization"] == "Bearer service-token"
