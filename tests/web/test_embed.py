"""The one-line embed on another site, and who may not frame the chat."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.async_api import Browser, expect

from tests.support.fixtures import EMBEDDING_PORT
from tests.web.browser import DESKTOP, PHONE

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.browser,
    pytest.mark.usefixtures("worker_process"),
]


@pytest.fixture
def other_site(chat_address: str) -> Iterator[None]:
    """A page of another site with our one line."""
    address = chat_address.replace("127.0.0.1", "localhost")
    html = (
        "<!doctype html><html lang=zh><title>镇政府</title><h1>别的网站</h1>"
        f'<script src="{address}/static/chat-widget.js" defer></script>'
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            return

    site = ThreadingHTTPServer(("127.0.0.1", EMBEDDING_PORT), Handler)
    threading.Thread(target=site.serve_forever, args=(0.05,), daemon=True).start()
    yield
    site.shutdown()
    site.server_close()


@pytest.mark.usefixtures("other_site")
class TestEmbed:
    @pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1280", "360"])
    async def test_one_line_brings_the_chat(self, browser: Browser, size: dict[str, int]) -> None:
        page = await browser.new_page(viewport=size)  # type: ignore[arg-type]
        await page.goto(f"http://localhost:{EMBEDDING_PORT}/")
        launcher = page.get_by_role("button", name="和莞家助手说说")
        await launcher.click()
        chat = page.frame_locator("#guanjia-frame")
        await chat.locator("#chat[data-connected]").wait_for()
        await chat.locator("#message").fill("从别的网站来的")
        await chat.locator("#message").press("Enter")
        await expect(chat.locator(".entry.bot").last).to_contain_text("收到：从别的网站来的")
        await chat.get_by_role("button", name="收起对话窗口").click()
        await expect(page.locator("#guanjia-frame")).to_be_hidden()
        await expect(launcher).to_be_focused()
        await page.close()

    async def test_a_site_that_is_not_listed_gets_no_frame(self, browser: Browser) -> None:
        page = await browser.new_page()
        refusals: list[str] = []
        page.on("console", lambda line: refusals.append(line.text))
        await page.goto(f"http://127.0.0.1:{EMBEDDING_PORT}/")
        await page.get_by_role("button", name="和莞家助手说说").click()
        await page.wait_for_timeout(1000)
        assert any("frame-ancestors" in line for line in refusals)
        await page.close()
