"""The system's Chromium as a fixture; skipped where it is missing, a failure in CI."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright

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


async def launch(playwright: Playwright) -> Browser:
    """The system's Chromium, headless, for root too."""
    return await playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium."""
    if not _HAS_CHROMIUM:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("Chromium is missing: apt-get install chromium")
    async with async_playwright() as playwright:
        chromium = await launch(playwright)
        yield chromium
        await chromium.close()
