"""A stranger files a case on the chat page and asks how it stands: browser, backend, worker, Rasa."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.stories.conftest import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_CASE_NO = re.compile(r"WSS\d{11}")


async def _says(page: Page, text: str, answer: re.Pattern[str] | str) -> str:
    """Types a message, sends it with Enter, waits for the answer and returns the whole log."""
    await page.get_by_role("textbox").fill(text)
    await page.get_by_role("textbox").press("Enter")
    log = page.get_by_role("log")
    await expect(log).to_contain_text(answer, timeout=20_000)
    return await log.inner_text()


@pytest.mark.parametrize("width", [1280, 360])
async def test_from_a_sentence_to_a_case_and_its_progress(
    stack: RunningStack, browser: Browser, width: int
) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 760}, locale="zh-CN")
    page = await context.new_page()
    await page.goto(f"{stack.backend_url}/chat")
    said = "村口路灯坏了半个月，晚上老人都不敢出门，我是上沙社区的，13800001234"
    await _says(page, said, "对吗")
    await page.get_by_role("button", name="是，登记").click()
    log = page.get_by_role("log")
    await expect(log).to_contain_text(_CASE_NO, timeout=20_000)
    found = _CASE_NO.search(await log.inner_text())
    assert found
    await _says(page, "我的诉求到哪了", "协商会议")
    await page.reload()
    await expect(page.get_by_role("log")).to_contain_text(found[0])
    await context.close()
