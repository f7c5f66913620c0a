"""Pages that everybody can use: large type, contrast, zoom, keyboard, screen readers."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.support.assistant import FakeAssistant
from tests.web.browser import Visitor

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.browser,
    pytest.mark.usefixtures("worker_process"),
]

DANGER: list[dict[str, Any]] = [
    {"text": "请马上拨打 120！", "buttons": []},
    {"text": "在哪里？", "buttons": [{"title": "上沙社区", "payload": "上沙"}]},
]


async def _talk(visitor: Visitor, assistant: FakeAssistant) -> None:
    assistant.answers["有人晕倒"] = DANGER
    await visitor.open()
    await visitor.say("有人晕倒")
    await visitor.hears("在哪里？")


class TestFaults:
    @pytest.mark.parametrize("mode", ["", "长者版", "高对比"])
    async def test_axe_finds_none_in_a_conversation(
        self, visitor: Visitor, assistant: FakeAssistant, mode: str
    ) -> None:
        await _talk(visitor, assistant)
        if mode:
            await visitor.page.get_by_role("button", name=mode).click()
        assert await visitor.accessibility_faults() == []
        assert not await visitor.overflows()

    @pytest.mark.parametrize("mode", ["", "长者版", "高对比"])
    async def test_axe_finds_none_on_the_landing_page(self, visitor: Visitor, mode: str) -> None:
        await visitor.open("/")
        if mode:
            await visitor.page.get_by_role("button", name=mode).click()
        assert await visitor.accessibility_faults() == []
        assert not await visitor.overflows()


class TestLargeType:
    async def test_it_is_larger_and_remembered(self, visitor: Visitor) -> None:
        async def size() -> float:
            return float(
                await visitor.page.evaluate(
                    "parseFloat(getComputedStyle(document.querySelector('.bubble')).fontSize)"
                )
            )

        await visitor.open()
        normal = await size()
        button = visitor.page.get_by_role("button", name="长者版")
        await button.click()
        assert await size() >= normal * 1.3
        await visitor.page.reload()
        await expect(button).to_have_attribute("aria-pressed", "true")
        assert await size() >= normal * 1.3

    @pytest.mark.parametrize("path", ["/", "/chat", "/public", "/public/numbers"])
    async def test_at_200_percent_nothing_is_cut_off(self, visitor: Visitor, path: str) -> None:
        size = visitor.page.viewport_size
        assert size is not None
        await visitor.page.set_viewport_size(
            {"width": max(320, size["width"] // 2), "height": size["height"] // 2}
        )
        await visitor.open(path)
        assert not await visitor.overflows()
        if path == "/chat":
            await expect(visitor.input).to_be_in_viewport()


class TestScreenReaders:
    async def test_the_log_is_there_before_the_first_message(self, visitor: Visitor) -> None:
        await visitor.open()
        log = visitor.page.get_by_role("log")
        await expect(log).to_have_attribute("aria-live", "polite")
        await expect(log).to_have_attribute("aria-relevant", "additions")
        await expect(visitor.page.get_by_label("把事情写在这里")).to_be_visible()
        assert await visitor.page.locator("html").get_attribute("lang") == "zh-CN"

    async def test_the_page_works_by_keyboard_alone(
        self, visitor: Visitor, assistant: FakeAssistant
    ) -> None:
        await _talk(visitor, assistant)
        await expect(visitor.input).to_be_focused()
        for _ in range(5):
            await visitor.page.keyboard.press("Shift+Tab")
            name = await visitor.page.evaluate("document.activeElement.textContent")
            if name == "上沙社区":
                break
        await visitor.page.keyboard.press("Enter")
        await visitor.hears("收到：上沙")
        await expect(visitor.input).to_be_focused()

    async def test_motion_can_be_switched_off(self, visitor: Visitor) -> None:
        await visitor.page.emulate_media(reduced_motion="reduce")
        await visitor.open()
        animation = await visitor.page.evaluate(
            """() => {
              const dot = document.createElement("i");
              document.getElementById("typing").append(dot);
              return getComputedStyle(dot).animationName;
            }"""
        )
        assert animation == "none"
