"""How long a call takes at the desk: `python -m tests.stories.desk_run FILE --backend URL`.

Signs in as the agent, then for each transcript of a JSON-lines file: pastes it, waits until the form is
filled, files every card with F9 and goes on with F2; the mouse is never touched. Needs Chromium and
GUANJIA_STAFF_PASSWORD_AGENT in .env. What the form held is compared with `requests` where the file
tells it, so that a quick run of wrong forms is not mistaken for a good one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright

from scripts.env_file import ensure
from tests.support.chromium import launch

_FIELDS = ("type", "town", "village", "contact_phone")


@dataclass
class Call:
    """One transcript at the desk; times in seconds from the paste."""

    call_id: str
    ready_s: float
    filed_s: float
    cards: int
    wrong: list[str] = field(default_factory=list)


async def sign_in(page: Page, address: str, password: str) -> None:
    """As the sample agent, by keyboard."""
    await page.goto(f"{address}/staff/sign-in?next=/desk")
    await page.keyboard.type("agent")
    await page.keyboard.press("Tab")
    await page.keyboard.type(password)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/desk")


async def work(page: Page, row: dict[str, Any]) -> Call:
    """One call from the clipboard to the case number."""
    await page.locator("#text").wait_for()
    await page.evaluate("words => navigator.clipboard.writeText(words)", row["text"])
    begin = time.perf_counter()
    await page.keyboard.press("Control+V")
    await page.wait_for_url("**/desk/drafts/**")
    await page.locator("#card-0").wait_for()
    ready = time.perf_counter() - begin
    wrong = await _compare(page, row)
    cards = await page.locator("section.request").count()
    for filed in range(cards):
        await page.keyboard.press("F9")
        await page.locator(".filed-no").nth(filed).wait_for()
    done = time.perf_counter() - begin
    await page.keyboard.press("F2")
    await page.wait_for_url("**/desk")
    return Call(row["id"], ready, done, cards, wrong)


async def _compare(page: Page, row: dict[str, Any]) -> list[str]:
    """Which fields of the first card an agent would have to mend."""
    wanted = (row.get("requests") or [{}])[0]
    wrong = []
    for name in _FIELDS:
        control = page.locator(f"#f-0-{name}")
        if name not in wanted or not await control.count():
            continue
        allowed = [wanted[name] or "", *(wanted.get("also") or [] if name == "type" else [])]
        if await control.input_value() not in allowed:
            wrong.append(name)
    return wrong


async def run(rows: list[dict[str, Any]], address: str, password: str) -> list[Call]:
    """All calls in one sitting."""
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
        page = await context.new_page()
        await sign_in(page, address, password)
        calls = [await work(page, row) for row in rows]
        await browser.close()
    return calls


def report(calls: list[Call]) -> None:
    """A line a call, then the medians."""
    for call in calls:
        flaw = "、".join(call.wrong) or "-"
        print(
            f"{call.call_id:8} 就绪 {call.ready_s:5.2f} s  立案 {call.filed_s:5.2f} s  {call.cards} 件  要改 {flaw}"
        )
    ready = statistics.median(call.ready_s for call in calls)
    filed = statistics.median(call.filed_s for call in calls)
    edits = sum(len(call.wrong) for call in calls) / len(calls)
    print(f"中位数：就绪 {ready:.2f} s，立案 {filed:.2f} s；平均每件要改 {edits:.2f} 处")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--backend", default="http://127.0.0.1:8000")
    given = parser.parse_args()
    rows = [json.loads(line) for line in given.file.read_text("utf-8").splitlines() if line]
    password = ensure()[0]["GUANJIA_STAFF_PASSWORD_AGENT"]
    report(asyncio.run(run(rows, given.backend, password)))


if __name__ == "__main__":
    main()
