"""Fixtures of browser tests."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.support.fixtures import *  # noqa: F403
from tests.web.browser import DESKTOP, PHONE, Visitor, with_watch

_CHROMIUM = Path("/usr/bin/chromium")
_HAS_CHROMIUM = _CHROMIUM.exists()
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium."""
    if not _HAS_CHROMIUM:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("Chromium is missing: apt-get install chromium")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session", params=[DESKTOP, PHONE], ids=["1280", "360"])
async def visitor(
    request: pytest.FixtureRequest, browser: Browser, chat_address: str
) -> AsyncIterator[Visitor]:
    """A new visitor on a desktop and on a phone; fails on script errors and foreign hosts."""
    context = await browser.new_context(viewport=request.param, locale="zh-CN")
    page: Page = await context.new_page()
    visitor = with_watch(Visitor(page, chat_address))
    yield visitor
    await context.close()
    assert visitor.complaints == []
    assert visitor.foreign_hosts == set()
