"""The backend answers as the examples say. The actions' tests read the same files."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.understanding.schemas import TriageIn, TriageResult

HERE = Path(__file__).parent


def example(name: str) -> dict[str, Any]:
    """One file of examples."""
    loaded: dict[str, Any] = json.loads((HERE / name).read_bytes())
    return loaded


CREATE = example("create_case.json")
STATUS = example("status_queries.json")
TRIAGE = example("triage.json")


def without(body: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """A body without members that differ from run to run."""
    return {name: value for name, value in body.items() if name not in names}


async def create(service: httpx.AsyncClient, **change: Any) -> httpx.Response:
    """Send the example, changed."""
    return await service.post("/cases", json=CREATE["request"] | change, headers=CREATE["headers"])


async def test_create_case(service: httpx.AsyncClient) -> None:
    answer = await create(service)
    assert answer.status_code == CREATE["status"]
    assert answer.json().keys() == CREATE["response"].keys()
    assert without(answer.json(), CREATE["any"]) == without(CREATE["response"], CREATE["any"])


@pytest.mark.parametrize("error", CREATE["errors"], ids=lambda error: error["code"])
async def test_create_case_refused(service: httpx.AsyncClient, error: dict[str, Any]) -> None:
    answer = await create(service, **error["change"])
    assert (answer.status_code, answer.json()["code"]) == (error["status"], error["code"])


@pytest.mark.parametrize("query", STATUS["examples"], ids=lambda query: query["id"])
async def test_status_query(service: httpx.AsyncClient, query: dict[str, Any]) -> None:
    await create(service)
    answer = await service.post("/status-queries", json=query["request"])
    assert answer.status_code == query["status"]
    if "code" in query:
        assert answer.json()["code"] == query["code"]
        return
    assert without(answer.json(), query["any"]) == without(query["response"], query["any"])
    assert answer.json()["cases"][0]["case_no"] == answer.json()["case_no"]


def test_triage_fits_the_models() -> None:
    TriageIn.model_validate(TRIAGE["request"])
    result = TriageResult.model_validate(TRIAGE["response"])
    assert result.model_dump() == TRIAGE["response"]


def test_triage_offsets_count_characters_of_the_text() -> None:
    text = TRIAGE["request"]["text"]
    for request in TRIAGE["response"]["requests"]:
        for span in request["evidence"]:
            assert text[span["start"] : span["end"]] == span["text"]
    for span in TRIAGE["response"]["sensitive"]:
        assert text[span["start"] : span["end"]] == "13800001234"
