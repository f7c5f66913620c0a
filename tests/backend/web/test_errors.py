"""Errors that people see in a browser, and those that programs read."""

import httpx
import pytest
from fastapi import FastAPI

from tests.support.staff import HTML, Browser, OpenBrowser

PROBLEM = "application/problem+json"


class TestForPeople:
    async def test_a_lost_citizen_reads_where_to_go(self, stranger: Browser) -> None:
        answer = await stranger.get("/no-such-page")
        assert answer.status_code == 404
        assert "<title>没有找到 · 莞家助手</title>" in answer.text
        for way in ('href="/"', 'href="/chat"', 'href="tel:12345"'):
            assert way in answer.text
        assert "工作台" not in answer.text

    async def test_lost_staff_go_back_to_work(self, open_browser: OpenBrowser) -> None:
        answer = await (await open_browser("city")).get("/staff/no-such-page")
        assert answer.status_code == 404
        assert "回到工作台" in answer.text

    @pytest.mark.parametrize(
        ("path", "way"), [("/broken", 'href="/"'), ("/staff/broken", "回到工作台")]
    )
    async def test_even_a_fault_of_ours_is_a_page(self, app: FastAPI, path: str, way: str) -> None:
        @app.get(path)
        async def broken() -> None:
            raise RuntimeError

        quiet = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=quiet, base_url="http://test") as http:
            answer = await http.get(path, headers=HTML)
            told = await http.get(path)
        assert answer.status_code == 500
        assert "系统出错" in answer.text
        assert way in answer.text
        assert told.headers["content-type"] == PROBLEM


class TestForPrograms:
    @pytest.mark.parametrize("path", ["/api/v1/no-such", "/webhooks/no-such", "/static/no-such"])
    async def test_they_get_no_page_whatever_they_accept(
        self, stranger: Browser, path: str
    ) -> None:
        answer = await stranger.get(path)
        assert answer.status_code in (401, 404)
        assert "<html" not in answer.text

    async def test_without_a_wish_for_pages_it_is_a_problem(self, app: FastAPI) -> None:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://test"
        ) as http:
            answer = await http.get("/no-such-page")
        assert answer.headers["content-type"] == PROBLEM
