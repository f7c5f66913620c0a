"""The chat page in a real browser, at desk and on a phone."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.support.assistant import FakeAssistant
from tests.support.processes import Process
from tests.web.browser import Visitor

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.browser,
    pytest.mark.usefixtures("worker_process"),
]

QUESTION = {
    "text": "我理解为【微实事·道路路灯】，对吗？",
    "buttons": [{"title": "对", "payload": "affirm_it"}, {"title": "不是", "payload": "deny_it"}],
}


class TestTalking:
    async def test_a_question_is_answered_with_its_button(
        self, visitor: Visitor, assistant: FakeAssistant
    ) -> None:
        assistant.answers["路灯坏了"] = [QUESTION]
        await visitor.open()
        await visitor.say("路灯坏了")
        await visitor.hears("我理解为")
        await visitor.page.get_by_role("button", name="对", exact=True).click()
        await visitor.hears("收到：affirm_it")
        assert assistant.heard[-1]["payload"] == "affirm_it"
        await expect(visitor.input).to_be_focused()
        assert (await visitor.lines())[-2:] == ["对", "收到：affirm_it"]

    async def test_only_the_newest_buttons_are_alive(
        self, visitor: Visitor, assistant: FakeAssistant
    ) -> None:
        assistant.answers["路灯坏了"] = [QUESTION]
        await visitor.open()
        starter = visitor.page.get_by_role("button", name="我想反映一件身边的事")
        await expect(starter).to_be_enabled()
        await visitor.say("路灯坏了")
        await visitor.hears("我理解为")
        await expect(starter).to_be_disabled()
        await expect(visitor.page.get_by_role("button", name="不是")).to_be_enabled()
        await visitor.say("等一下")
        await visitor.hears("收到：等一下")
        await expect(visitor.page.get_by_role("button", name="不是")).to_be_disabled()

    async def test_enter_while_an_input_method_composes_sends_nothing(
        self, visitor: Visitor, assistant: FakeAssistant
    ) -> None:
        await visitor.open()
        await visitor.input.focus()
        keyboard = await visitor.page.context.new_cdp_session(visitor.page)
        await keyboard.send(
            "Input.imeSetComposition", {"text": "lu deng", "selectionStart": 7, "selectionEnd": 7}
        )
        await visitor.input.dispatch_event(
            "keydown", {"key": "Enter", "isComposing": True, "bubbles": True}
        )
        await visitor.input.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
        await expect(visitor.page.locator(".entry.citizen")).to_have_count(0)
        await keyboard.send("Input.insertText", {"text": "路灯"})
        await visitor.input.press("Enter")
        await visitor.hears("收到：路灯")
        assert assistant.texts() == ["路灯"]

    async def test_shift_enter_makes_a_line(
        self, visitor: Visitor, assistant: FakeAssistant
    ) -> None:
        await visitor.open()
        await visitor.input.fill("第一行")
        await visitor.input.press("Shift+Enter")
        await visitor.page.keyboard.insert_text("第二行")
        await visitor.page.get_by_role("button", name="发送").click()
        await visitor.hears("第二行")
        assert assistant.texts() == ["第一行\n第二行"]
        assert "第一行\n第二行" in await visitor.lines()

    async def test_what_is_too_long_stays_in_the_box(
        self, visitor: Visitor, assistant: FakeAssistant
    ) -> None:
        await visitor.open()
        await visitor.say("灯" * 2001)
        await expect(visitor.page.get_by_role("alert")).to_contain_text("2001 个字")
        assert await visitor.input.input_value() == "灯" * 2001
        await visitor.input.fill("灯" * 2000)
        await expect(visitor.page.get_by_role("alert")).to_have_text("")
        await visitor.input.press("Enter")
        await visitor.hears("收到")
        assert len(assistant.texts()[0]) == 2000

    async def test_a_refused_message_goes_back_into_the_box(self, visitor: Visitor) -> None:
        await visitor.open()
        for number in range(20):
            await visitor.say(f"第{number}句")
        await visitor.say("太快了")
        await expect(visitor.page.get_by_role("alert")).to_contain_text("没有丢")
        assert await visitor.input.input_value() == "太快了"


class TestText:
    async def test_markup_is_text_and_service_numbers_are_links(
        self, visitor: Visitor, assistant: FakeAssistant
    ) -> None:
        text = "<img src=x onerror=alert(1)> 请打 12345，\n中山路110号，编号 WSS26112100014"
        assistant.answers["在吗"] = [{"text": text, "buttons": []}]
        await visitor.open()
        await visitor.say("在吗")
        await visitor.hears("12345")
        assert text in await visitor.lines()
        links = visitor.page.locator(".log .bubble a")
        assert await links.all_inner_texts() == ["12345"]
        assert await links.first.get_attribute("href") == "tel:12345"

    async def test_danger_is_marked_in_words_too(
        self, visitor: Visitor, assistant: FakeAssistant
    ) -> None:
        assistant.answers["着火了"] = [{"text": "请马上拨打 119！\n离开屋子。", "buttons": []}]
        await visitor.open()
        await visitor.say("着火了")
        await visitor.hears("119")
        urgent = visitor.page.locator(".entry.urgent")
        await expect(urgent).to_contain_text("紧急提示")
        await expect(urgent.locator("a")).to_have_attribute("href", "tel:119")


class TestStaying:
    async def test_a_reload_brings_everything_back_once(
        self, visitor: Visitor, assistant: FakeAssistant
    ) -> None:
        assistant.answers["路灯坏了"] = [QUESTION]
        await visitor.open()
        await visitor.say("路灯坏了")
        await visitor.hears("我理解为")
        before = await visitor.lines()
        await visitor.page.reload()
        await visitor.hears("我理解为")
        assert await visitor.lines() == before
        await expect(visitor.page.get_by_role("button", name="不是")).to_be_enabled()

    async def test_a_draft_survives_a_reload(self, visitor: Visitor) -> None:
        await visitor.open()
        await visitor.input.fill("还没写完")
        await visitor.page.reload()
        await expect(visitor.input).to_have_value("还没写完")

    async def test_two_tabs_show_one_conversation(self, visitor: Visitor) -> None:
        await visitor.open()
        second = Visitor(await visitor.page.context.new_page(), visitor.address)
        await second.open()
        await visitor.say("在第一页说的")
        await second.hears("收到：在第一页说的")
        await second.say("在第二页说的")
        await visitor.hears("收到：在第二页说的")
        assert await visitor.lines() == await second.lines()

    async def test_nothing_is_lost_or_doubled_when_the_server_restarts(
        self, visitor: Visitor, server: Process, assistant: FakeAssistant
    ) -> None:
        await visitor.open()
        await visitor.say("断线之前")
        await visitor.hears("收到：断线之前")
        server.kill()
        await visitor.say("断线时写的")
        await expect(visitor.page.locator("#link-state")).to_contain_text("正在重新连接")
        await visitor.say("断线时又写了一句")
        await asyncio.to_thread(server.start)
        await visitor.hears("收到：断线时又写了一句", within_s=30)
        await expect(visitor.page.locator("#link-state")).to_have_text("")
        said = ["断线之前", "断线时写的", "断线时又写了一句"]
        lines = (await visitor.lines())[1:]
        assert [line for line in lines if line in said] == said
        assert [line for line in lines if line not in said] == [f"收到：{text}" for text in said]
        assert assistant.texts() == said

    async def test_a_message_written_offline_survives_a_reload(
        self, visitor: Visitor, server: Process
    ) -> None:
        await visitor.open()
        server.kill()
        await visitor.say("离线时写的")
        await asyncio.to_thread(server.start)
        await visitor.page.reload()
        await visitor.hears("收到：离线时写的", within_s=30)
        assert (await visitor.lines()).count("离线时写的") == 1

    async def test_an_outage_is_told_and_the_typing_sign_goes(
        self, visitor: Visitor, assistant: FakeAssistant
    ) -> None:
        assistant.delay_s = 1.0
        assistant.broken = "failed"
        await visitor.open()
        await visitor.say("路灯坏了")
        await expect(visitor.page.locator("#typing")).to_contain_text("正在看")
        await visitor.hears("已经保存好了")
        await expect(visitor.page.locator("#typing")).to_have_text("")
        assistant.broken, assistant.delay_s = None, 0.0
        await visitor.hears("收到：路灯坏了", within_s=20)

    async def test_ending_starts_afresh(self, visitor: Visitor) -> None:
        visitor.page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
        await visitor.open()
        await visitor.say("公用电脑上说的")
        await visitor.hears("收到：公用电脑上说的")
        await visitor.page.get_by_role("button", name="结束对话").click()
        await visitor.page.locator("#chat[data-connected]").wait_for()
        await expect(visitor.entries).to_have_count(1)
