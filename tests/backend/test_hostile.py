"""Hostile input gets a 4xx problem from every address of the API, never a 5xx."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from backend.api import api
from tests.support.api import SERVICE, SignIn, client

LONE_SURROGATE = (
    b'{"text": "\\ud800", "description": "\\udfff", "note": "\\ud800", "to": "\\ud800"}'
)
BODIES = {
    "empty": b"",
    "no JSON": b"{",
    "not UTF-8": b'{"text": "\xff\xfe"}',
    "GBK": '{"text": "路灯坏了"}'.encode("gbk"),
    "null": b"null",
    "array": b"[]",
    "number": b"1e999",
    "deep": b"[" * 50_000,
    "deep object": b'{"a":' * 50_000,
    "long number": b'{"score": ' + b"9" * 5_000 + b"}",
    "lone surrogate": LONE_SURROGATE,
    "duplicate keys": b'{"text": "a", "text": {}}',
    "NaN": b'{"confidence": NaN, "score": NaN}',
}
VALUES = (
    None, True, -1, 2**70, 1.5, "", "\x00", "a\x00b", "\ud800", "x" * 30_000, "' or 1=1 --",
    "<script>alert(1)</script>", "%s%n", "../../etc/passwd", "{{7*7}}", "\u202eabc", [], {},
    [None], {"a": {"b": []}}, ["\x00"],
)  # fmt: skip
PARTS = ("%00", "%FF", "%ED%A0%80", "..%2F", "WSS26110300014", "x" * 5_000, "'--", "null", "-1")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every method and path of the API with its request's properties."""
    app = FastAPI()
    app.include_router(api)
    description = app.openapi()
    schemas = description["components"]["schemas"]
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            name = schema.get("$ref", "").rpartition("/")[2]
            yield method.upper(), path, schemas.get(name, {}).get("properties", {})


OPERATIONS = list(operations())
WRITES = [operation for operation in OPERATIONS if operation[2]]
IDS = [f"{method} {path}" for method, path, _ in OPERATIONS]
WRITE_IDS = [f"{method} {path}" for method, path, _ in WRITES]


def filled(path: str, part: str = "WSS26110300014") -> str:
    """A path with its variables filled in, below the client's base address."""
    path = path.removeprefix("/api/v1").replace("{task_id}", "1")
    return path.replace("{case_no}", part)


async def callers(app: FastAPI, sign_in: SignIn) -> list[httpx.AsyncClient]:
    """The service and the most powerful member of staff."""
    return [client(app, SERVICE | {"Idempotency-Key": "k"}), await sign_in("city")]


def refused(answer: httpx.Response) -> bool:
    """Whether an answer is an orderly one: no 5xx except "the assistant is down"."""
    down = answer.status_code == 503 and answer.json()["code"] == "assistant_down"
    return answer.status_code < 500 or down


@pytest.mark.parametrize(("method", "path", "_"), WRITES, ids=WRITE_IDS)
async def test_bodies_that_are_no_bodies(
    app: FastAPI, sign_in: SignIn, method: str, path: str, _: object
) -> None:
    for http, (name, body) in itertools.product(await callers(app, sign_in), BODIES.items()):
        headers = {"Content-Type": "application/json"}
        answer = await http.request(method, filled(path), content=body, headers=headers)
        assert 400 <= answer.status_code < 500, (name, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path", "properties"), WRITES, ids=WRITE_IDS)
async def test_members_of_every_wrong_kind(
    app: FastAPI,
    sign_in: SignIn,
    method: str,
    path: str,
    properties: dict[str, Any],
) -> None:
    for http, name, value in itertools.product(await callers(app, sign_in), properties, VALUES):
        body = dict.fromkeys(properties, "a") | {name: value}
        answer = await http.request(
            method,
            filled(path),
            content=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        assert refused(answer), (name, value, answer.text)


@pytest.mark.parametrize(("method", "path", "_"), OPERATIONS, ids=IDS)
async def test_paths_and_queries(
    app: FastAPI, sign_in: SignIn, method: str, path: str, _: object
) -> None:
    names = (
        "q",
        "cursor",
        "limit",
        "town",
        "type",
        "due_before",
        "text",
        "conversation_id",
        "status",
    )
    for http, part in itertools.product(await callers(app, sign_in), PARTS):
        query = "&".join(f"{name}={part}" for name in names)
        for address in (filled(path, part), f"{filled(path)}?{query}"):
            answer = await http.request(method, address, json={})
            assert refused(answer), (address[:80], answer.text)


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "multipart/form-data", "", "x"])
async def test_other_media_types(service: httpx.AsyncClient, media: str) -> None:
    answer = await service.post("/triage", content=b"a=1", headers={"Content-Type": media})
    assert 400 <= answer.status_code < 500
