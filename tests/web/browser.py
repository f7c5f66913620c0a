"""What a visitor does and sees on the chat page."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page, ViewportSize, expect

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}
_CUT_LINE = ("WebSocket", "net::ERR_")
"""What the browser says when a test kills the server."""
_AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


@dataclass
class Visitor:
    """One page of one browser."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    foreign_hosts: set[str] = field(default_factory=set)

    @property
    def input(self) -> Locator:
        """Where the message is written."""
        return self.page.locator("#message")

    @property
    def entries(self) -> Locator:
        """All lines of the conversation, the greeting included."""
        return self.page.locator(".log .entry")

    async def open(self, path: str = "/chat") -> None:
        """Open a page; for the chat, wait until it is connected."""
        await self.page.goto(self.address + path)
        if path.startswith("/chat"):
            await self.page.locator("#chat[data-connected]").wait_for()

    async def say(self, text: str) -> None:
        """Type and press Enter."""
        await self.input.fill(text)
        await self.input.press("Enter")

    async def hears(self, text: str, within_s: float = 15.0) -> None:
        """Wait for a bot's line with that text."""
        line = self.page.locator(".entry.bot .bubble", has_text=text)
        await expect(line.last).to_be_visible(timeout=within_s * 1000)

    async def lines(self) -> list[str]:
        """The text of every bubble."""
        return await self.page.locator(".log .bubble").all_inner_texts()

    async def overflows(self) -> bool:
        """Whether the page is wider than its window."""
        return bool(
            await self.page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
        )

    async def accessibility_faults(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 AA."""
        await self.page.evaluate(_AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = await self.page.evaluate(
            """axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa",
            "wcag22aa", "best-practice"]})"""
        )
        return [
            f"{fault['id']}: {node['target']} {node.get('failureSummary', '')}"
            for fault in found["violations"]
            for node in fault["nodes"]
        ]


def with_watch(visitor: Visitor) -> Visitor:
    """Collect script errors, policy violations and requests to other hosts."""
    own = urlsplit(visitor.address).netloc

    def watch_request(url: str) -> None:
        host = urlsplit(url).netloc
        if host and host != own:
            visitor.foreign_hosts.add(host)

    visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    visitor.page.on(
        "console",
        lambda line: (
            visitor.complaints.append(line.text)
            if line.type == "error" and not any(word in line.text for word in _CUT_LINE)
            else None
        ),
    )
    visitor.page.on("request", lambda request: watch_request(request.url))
    return visitor
