"""The desk in a real browser: by keyboard alone, at a desk and on a phone."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from backend.core.resources import Resources
from backend.staff.models import StaffAccount, StaffToken
from backend.staff.service import token_hash
from backend.web.staff.session import COOKIE
from tests.support.assistant import FakeAssistant
from tests.support.readings import (
    BURNING,
    CALL,
    DRAIN,
    FIRE,
    LAMP,
    TUITION,
    TWO_MATTERS,
    reading,
)
from tests.web.browser import PHONE, Visitor

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.browser,
    pytest.mark.usefixtures("worker_process"),
]


@pytest_asyncio.fixture(loop_scope="session")
async def desk(
    visitor: Visitor, assistant: FakeAssistant, resources: Resources
) -> AsyncIterator[Visitor]:
    """A signed-in agent on ``/desk``, with an assistant that can read the tests' calls."""
    assistant.readings |= {
        "路灯坏了半个月": reading(CALL, LAMP),
        "两件事": reading(TWO_MATTERS, DRAIN, TUITION),
        "着火了": reading(FIRE, BURNING, alerts=("fire",)),
    }
    token, now = secrets.token_urlsafe(16), datetime.now(UTC)
    account = StaffAccount(
        username=f"agent-{token}",
        display_name="热线坐席",
        role="hotline",
        password_hash="",
        active=True,
        created_at=now,
    )
    async with resources.database.transaction() as session:
        session.add(account)
        await session.flush()
        session.add(
            StaffToken(
                token_hash=token_hash(token),
                staff_id=account.id,
                kind="page",
                created_at=now,
                seen_at=now,
                expires_at=now + timedelta(hours=1),
            )
        )
    cookie = {"name": COOKIE, "value": token, "url": visitor.address}
    await visitor.page.context.add_cookies([cookie])  # type: ignore[list-item]
    await visitor.open("/desk")
    yield visitor


async def paste(page: Page, words: str) -> None:
    """Paste as the clipboard does; the page sends it by itself."""
    await page.locator("#text").evaluate(
        """(field, words) => {
          field.value = "";
          field.focus();
          field.dispatchEvent(new ClipboardEvent("paste", {bubbles: true}));
          field.value = words;
        }""",
        words,
    )
    await page.wait_for_url("**/desk/drafts/**")


class TestByKeyboard:
    async def test_paste_f9_and_it_is_filed(self, desk: Visitor) -> None:
        page = desk.page
        await expect(page.locator("#text")).to_be_focused()
        await paste(page, CALL)
        await page.keyboard.press("F9")
        await expect(page.locator(".filed-no strong")).to_contain_text("WSS")
        await expect(page.locator(".undo [data-left]")).to_be_visible()
        await expect(page.locator("#next")).to_be_focused()
        await page.keyboard.press("F2")
        await page.wait_for_url("**/desk")

    async def test_the_eye_is_led_to_what_is_doubtful(self, desk: Visitor) -> None:
        page = desk.page
        await paste(page, TWO_MATTERS)
        await expect(page.locator("#f-0-address")).to_be_focused()
        await page.keyboard.press("F8")
        await page.keyboard.press("F8")
        await expect(page.locator("#f-0-contact_phone")).to_be_focused()
        lit = page.locator("mark.lit")
        await expect(lit).to_have_text(["13600009999"])
        await page.keyboard.press("Alt+2")
        await expect(page.locator("#f-1-type")).to_be_focused()
        await page.keyboard.press("F8")
        await page.keyboard.press("F8")
        assert await page.evaluate("document.activeElement.closest('#card-1') !== null")

    async def test_the_panel_follows_the_form(self, desk: Visitor) -> None:
        page = desk.page
        await paste(page, CALL)
        panel = page.locator(".panel")
        await expect(panel.locator(".sms")).to_contain_text("道路路灯")
        await page.locator("#f-0-contact_phone").fill("")
        await expect(panel.locator(".ask")).to_contain_text("方便联系您的电话")
        await expect(panel.locator(".sms")).to_contain_text("不会发短信")

    async def test_a_runner_up_is_one_press_away(self, desk: Visitor) -> None:
        page = desk.page
        await paste(page, TWO_MATTERS)
        card = page.locator("#card-1")
        await card.get_by_role("button", name="临时生活救助").press("Enter")
        await expect(card.locator("select")).to_have_value("living_aid")

    async def test_undo_brings_the_card_back(self, desk: Visitor) -> None:
        page = desk.page
        await paste(page, CALL)
        await page.keyboard.press("Control+Enter")
        await page.get_by_role("button", name="撤销").click()
        await expect(page.locator("[data-file]")).to_be_visible()

    async def test_places_are_suggested(self, desk: Visitor) -> None:
        page = desk.page
        await paste(page, CALL)
        await page.locator("#f-0-place").fill("")
        await page.locator("#f-0-place").press_sequentially("大朗")
        await expect(page.locator("#places option").first).to_have_attribute("value", "大朗镇")


class TestBatch:
    async def test_an_upload_is_read_in_the_background(self, desk: Visitor) -> None:
        page = desk.page
        content = f"{CALL}\n====\n{FIRE}".encode()
        file = {"name": "今天.txt", "mimeType": "text/plain", "buffer": content}
        await page.locator("#files").set_input_files(file)  # type: ignore[arg-type]
        await page.get_by_role("button", name="上传并识别").click()
        rows = page.locator("a.draft-row")
        await expect(rows).to_have_count(2, timeout=45_000)
        await expect(rows.first).to_contain_text("有危险")


class TestEverybody:
    async def test_axe_finds_no_fault(self, desk: Visitor) -> None:
        assert await desk.accessibility_faults() == []
        assert not await desk.overflows()
        await paste(desk.page, TWO_MATTERS)
        assert await desk.accessibility_faults() == []
        assert not await desk.overflows()
        await desk.page.keyboard.press("F9")
        await desk.page.locator(".filed-no").wait_for()
        assert await desk.accessibility_faults() == []
        assert not await desk.overflows()

    async def test_danger_is_in_view_at_once(self, desk: Visitor) -> None:
        await paste(desk.page, FIRE)
        if desk.page.viewport_size != PHONE:
            await expect(desk.page.locator(".alarm")).to_be_in_viewport()
        await expect(desk.page.get_by_role("alert")).to_contain_text("119")
        assert await desk.accessibility_faults() == []
