"""How long a call takes at the desk: `python -m tests.stories.desk_run FILE... --backend URL`.

Signs in as the agent, then for each transcript of the JSON-lines files: pastes it, waits until the form
is filled, files every card with F9 and goes on with F2; the mouse is never touched. Needs Chromium and
GUANJIA_STAFF_PASSWORD_AGENT in .env. What the forms held is compared with `requests` where the file
tells it, so that a quick run of wrong forms is not mistaken for a good one. Calls of our own are in
`calls/`.
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

from backend.places.service import gazetteer
from scripts.env_file import ensure
from tests.support.chromium import launch

_FIELDS = ("type", "place", "contact_name", "contact_phone")


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
    await _go_on(page)
    return Call(row["id"], ready, done, cards, wrong)


async def _go_on(page: Page) -> None:
    """To the empty desk: F2, past transcripts of an upload that wait."""
    here = page.url.partition("#")[0]
    await page.keyboard.press("F2")
    await page.wait_for_url(lambda url: url.partition("#")[0] != here)
    if "/drafts/" in page.url:
        await page.locator("nav a[href='/desk']").press("Enter")
    await page.wait_for_url("**/desk")


async def _compare(page: Page, row: dict[str, Any]) -> list[str]:
    """Which fields of the cards an agent would have to mend; `+` and `-` are cards too many, too few."""
    shown = await page.locator("section.request").count()
    types = [await page.locator(f"#f-{index}-type").input_value() for index in range(shown)]
    wrong, left = [], list(range(shown))
    for wanted in row.get("requests") or []:
        allowed = [wanted["type"], *(wanted.get("also") or [])]
        index = next((i for i in left if types[i] in allowed), left[0] if left else None)
        if index is None:
            wrong.append("-")
            continue
        left.remove(index)
        wrong += await _differing(page, index, wanted)
    return wrong + ["+"] * (len(left) if row.get("requests") else 0)


async def _differing(page: Page, index: int, wanted: dict[str, Any]) -> list[str]:
    """The fields of one card that do not hold what is wanted."""
    wrong = []
    for name in _FIELDS:
        allowed = _allowed(name, wanted)
        if allowed and await page.locator(f"#f-{index}-{name}").input_value() not in allowed:
            wrong.append(name)
    return wrong


def _allowed(name: str, wanted: dict[str, Any]) -> list[str]:
    """What a control may hold; nothing where the file does not say."""
    if name == "place":
        return [gazetteer().full_name(wanted.get("town"), wanted.get("village"))]
    if name not in wanted:
        return []
    return [wanted[name] or "", *(wanted.get("also" if name == "type" else f"{name}_also") or [])]


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
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--backend", default="http://127.0.0.1:8000")
    given = parser.parse_args()
    lines = [line for file in given.files for line in file.read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines if line]
    password = ensure()[0]["GUANJIA_STAFF_PASSWORD_AGENT"]
    report(asyncio.run(run(rows, given.backend, password)))


if __name__ == "__main__":
    main()
