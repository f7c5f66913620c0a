"""Fixtures of browser tests."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.support.chromium import browser
from tests.support.fixtures import *  # noqa: F403
from tests.web.browser import DESKTOP, PHONE, Visitor, with_watch

__all__ = ["browser"]


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
