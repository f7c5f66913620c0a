"""What operators look at."""

from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from backend.core.db import Database
from backend.core.resources import Resources
from tests.support.api import database_that_is_away


def outside(app: FastAPI) -> httpx.AsyncClient:
    """A client of the addresses outside the API."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def readiness(
    app: FastAPI, resources: Resources, down: str | None, database: Database | None = None
) -> httpx.Response:
    """/readyz while one of rasa (port 5005) and actions (5055) is down."""
    settings = resources.settings.model_copy(
        update={"rasa_url": "http://rasa", "actions_url": "http://actions"}
    )

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503 if request.url.host == down else 200)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        app.state.resources = replace(
            resources, settings=settings, http=http, database=database or resources.database
        )
        async with outside(app) as caller:
            return await caller.get("/readyz")


async def test_alive(app: FastAPI) -> None:
    async with outside(app) as http:
        assert (await http.get("/healthz")).json() == {"status": "ok"}


class TestReady:
    async def test_when_all_answer(self, app: FastAPI, api_resources: Resources) -> None:
        answer = await readiness(app, api_resources, down=None)
        assert answer.status_code == 200
        assert answer.json()["checks"] == {"database": "ok", "rasa": "ok", "actions": "ok"}

    @pytest.mark.parametrize("part", ["rasa", "actions"])
    async def test_names_what_is_down(
        self, app: FastAPI, api_resources: Resources, part: str
    ) -> None:
        answer = await readiness(app, api_resources, down=part)
        assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
        assert [name for name, state in answer.json()["checks"].items() if state == "down"] == [
            part
        ]

    async def test_names_the_database(self, app: FastAPI, api_resources: Resources) -> None:
        gone = database_that_is_away()
        answer = await readiness(app, api_resources, down=None, database=gone)
        assert answer.status_code == 503
        assert answer.json()["checks"]["database"] == "down"


async def test_metrics_count_requests(app: FastAPI) -> None:
    async with outside(app) as http:
        await http.get("/healthz")
        text = (await http.get("/metrics")).text
    assert 'guanjia_http_request_seconds_count{method="GET",route="/healthz",status="200"}' in text


class TestDescription:
    async def test_every_api_operation_has_a_summary_and_description(self, app: FastAPI) -> None:
        async with outside(app) as http:
            paths = (await http.get("/openapi.json")).json()["paths"]
        for path, operations in paths.items():
            for method, operation in operations.items():
                if path.startswith("/api/"):
                    assert operation["summary"], (method, path)
                    assert operation["description"], (method, path)

    async def test_the_page_loads_nothing_from_elsewhere(self, app: FastAPI) -> None:
        async with outside(app) as http:
            page = (await http.get("/docs")).text
        assert "/api/v1/cases/{case_no}/transitions" in page
        assert "村口路灯" in page
        assert "http" not in page.replace("http://127.0.0.1", "").split("<article>")[0]
        assert "<script" not in page

    async def test_the_page_says_in_chinese_what_it_is_and_for_whom(self, app: FastAPI) -> None:
        async with outside(app) as http:
            page = (await http.get("/docs")).text
        head = page.split("<article>")[0]
        assert '<html lang="zh-CN">' in head
        assert "<title>莞家助手 接口说明</title>" in head
        assert "供开发人员" in head
        assert '<a href="/">首页</a>' in head
