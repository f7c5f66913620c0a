"""POST /triage: the assistant's answer, or a clear refusal."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from backend.core.resources import Resources
from tests.support.api import SERVICE, client
from tests.support.assistant import TOKEN

EXAMPLE = json.loads((Path(__file__).parents[2] / "contract" / "triage.json").read_bytes())
ANSWER = {"triage": EXAMPLE["response"], "facts": {}, "intent": {}}
Ask = Callable[..., Any]


@pytest.fixture
def ask(app: FastAPI, api_resources: Resources) -> Ask:
    """``await ask(body, answer)`` asks for a triage with the assistant answering so."""

    async def asked(
        body: dict[str, Any], answer: httpx.Response | Exception
    ) -> tuple[httpx.Response, list[httpx.Request]]:
        heard: list[httpx.Request] = []

        def reply(request: httpx.Request) -> httpx.Response:
            heard.append(request)
            if isinstance(answer, Exception):
                raise answer
            return answer

        transport = httpx.MockTransport(reply)
        async with httpx.AsyncClient(transport=transport) as assistant:
            app.state.resources = replace(api_resources, http=assistant)
            async with client(app, SERVICE) as http:
                return await http.post("/triage", json=body), heard

    return asked


async def test_passes_the_answer_through(ask: Ask) -> None:
    answer, heard = await ask(EXAMPLE["request"], httpx.Response(200, json=ANSWER))
    assert answer.status_code == 200
    assert answer.json() == EXAMPLE["response"]
    assert heard[0].url.path == "/webhooks/guanjia/parse"
    assert heard[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert json.loads(heard[0].content) == EXAMPLE["request"]


async def test_a_message_is_the_default(ask: Ask) -> None:
    _, heard = await ask({"text": "路灯坏了"}, httpx.Response(200, json=ANSWER))
    assert json.loads(heard[0].content)["kind"] == "message"


async def test_the_text_travels_unchanged_because_offsets_point_into_it(ask: Ask) -> None:
    text = "  路灯\x1b坏了\r\n😀 "
    _, heard = await ask({"text": text}, httpx.Response(200, json=ANSWER))
    assert json.loads(heard[0].content)["text"] == text


async def test_members_the_contract_does_not_name_pass_through(ask: Ask) -> None:
    more = {"triage": EXAMPLE["response"] | {"model": "m1"}}
    answer, _ = await ask({"text": "路灯坏了"}, httpx.Response(200, json=more))
    assert answer.json()["model"] == "m1"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.ConnectError("refused"), id="nobody listens"),
        pytest.param(httpx.ReadTimeout("slow"), id="too slow"),
        pytest.param(httpx.Response(500), id="error"),
        pytest.param(httpx.Response(401, json={}), id="wrong token"),
        pytest.param(httpx.Response(200, text="<html>"), id="no JSON"),
        pytest.param(httpx.Response(200, json=[]), id="no object"),
        pytest.param(httpx.Response(200, json={"triage": {}}), id="breaks the contract"),
    ],
)
async def test_no_usable_answer_is_503(ask: Ask, answer: httpx.Response | Exception) -> None:
    refused, _ = await ask({"text": "路灯坏了"}, answer)
    assert (refused.status_code, refused.json()["code"]) == (503, "assistant_down")


@pytest.mark.parametrize(("length", "status"), [(20_000, 200), (20_001, 413)])
async def test_texts_are_limited(ask: Ask, length: int, status: int) -> None:
    answer, heard = await ask({"text": "路" * length}, httpx.Response(200, json=ANSWER))
    assert answer.status_code == status
    assert len(heard) == (status == 200)


@pytest.mark.parametrize("body", [{}, {"text": 1}, {"text": "x", "kind": "poem"}, {"text": "\x00"}])
async def test_malformed(ask: Ask, body: dict[str, Any]) -> None:
    answer, heard = await ask(body, httpx.Response(200, json=ANSWER))
    assert (answer.status_code, heard) == (422, [])


async def test_needs_a_token(app: FastAPI) -> None:
    async with client(app) as http:
        assert (await http.post("/triage", json={"text": "x"})).status_code == 401


async def test_logs_nothing_of_the_text(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await ask({"text": "陈小美的秘密"}, httpx.Response(500))
    assert "陈小美" not in caplog.text
