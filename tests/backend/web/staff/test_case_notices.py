"""What the case page says of notices and policies: before a step, and afterwards."""

import html
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio

from backend.channels.sms.outcomes import GATEWAY, TWILIO
from backend.channels.wechat.errcodes import ERRCODES
from backend.notifications.rendering import texts
from backend.policies.table import SAMPLE
from backend.web.staff.notice_view import template_label
from backend.web.staff.wording import wording
from tests.support.api import SignIn, filed
from tests.support.notices import HOUR, Office
from tests.support.staff import Browser, OpenBrowser

PLACE = {"town": "441900119", "village": "441900119011"}
NewCase = Callable[..., dict[str, Any]]


@pytest_asyncio.fixture(loop_scope="function")
async def village(open_browser: OpenBrowser) -> Browser:
    """The village's browser."""
    opened: Browser = await open_browser("village", **PLACE)
    return opened


async def shown(browser: Browser, case: dict[str, Any]) -> str:
    """The page's text."""
    answer = await browser.get(f"/staff/cases/{case['case_no']}")
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


def quotes(text: str, step: str) -> list[str]:
    """The notices that the form of a step shows."""
    form = text.split(f'name="to" value="{step}"')[1].split("</form>")[0]
    return re.findall(r"<blockquote[^>]*>(.*?)</blockquote>", form, re.DOTALL)


class TestBeforeAStep:
    async def test_the_form_shows_exactly_what_is_sent(
        self, village: Browser, case: dict[str, Any], office: Office
    ) -> None:
        text = await shown(village, case)
        chat, sms = quotes(text, "deliberation")
        path = f"/staff/cases/{case['case_no']}/acts/move"
        fields = {"to": "deliberation", "field_meeting_on": "2026-11-10", "version": 1}
        assert (await village.post(path, **fields)).status_code == 303
        await office.work()
        filled = chat.replace(
            wording()["notices"]["gap_fields"]["meeting_on"], "11月10日（星期二）"
        )
        assert await office.messages() == [("webchat", filled)]
        assert chat != sms

    async def test_what_is_recorded_with_the_step_stands_in_it(
        self, village: Browser, case: dict[str, Any]
    ) -> None:
        path = f"/staff/cases/{case['case_no']}/preview/move"
        typed = {"field_meeting_on": "2026-11-10", "field_meeting_place": "党群服务中心"}
        answer = await village.post(path, to="deliberation", version=1, **typed)
        text = quotes(html.unescape(answer.text), "deliberation")[0]
        assert "定于11月10日（星期二）在党群服务中心开协商会" in text
        answer = await village.post(path, to="referred", version=1, field_department="市水务局")
        assert "已转给市水务局办理" in quotes(html.unescape(answer.text), "referred")[0]
        assert "已转给〔部门〕办理" in quotes(await shown(village, case), "referred")[0]

    async def test_words_typed_so_far_stand_in_it_and_nothing_is_done(
        self, village: Browser, service: httpx.AsyncClient, case: dict[str, Any]
    ) -> None:
        path = f"/staff/cases/{case['case_no']}/preview/move"
        answer = await village.post(path, to="refused", note="这盏灯归小区物业管", version=1)
        assert answer.status_code == 200
        text = html.unescape(answer.text)
        assert "原因：这盏灯归小区物业管" in quotes(text, "refused")[0]
        assert "没有办成" not in text
        assert ">这盏灯归小区物业管</textarea>" in text
        rows = (await service.get("/cases", params={"q": case["case_no"]})).json()["items"]
        assert (rows[0]["version"], rows[0]["status"]) == (1, "received")

    async def test_the_part_alone_is_for_the_page_that_is_open(
        self, village: Browser, case: dict[str, Any]
    ) -> None:
        answer = await village.http.post(
            f"/staff/cases/{case['case_no']}/preview/move",
            data={"csrf": village.csrf, "to": "merged", "merged_into": "WSS26112100016"},
            headers={"X-Part": "notices"},
        )
        assert answer.status_code == 200
        assert "<html" not in answer.text
        assert "WSS26112100016" in answer.text

    async def test_an_explanation_that_is_still_missing_is_a_gap(
        self, village: Browser, case: dict[str, Any]
    ) -> None:
        assert wording()["notices"]["gap"] in quotes(await shown(village, case), "refused")[0]

    async def test_a_step_joins_the_notice_that_waits(
        self, village: Browser, case: dict[str, Any], office: Office
    ) -> None:
        path = f"/staff/cases/{case['case_no']}/acts/move"
        await village.post(path, to="policy_check", version=1)
        await office.plan()
        waiting = quotes(await shown(village, case), "referred")[0]
        assert "2 步进展：政策核对中→已转办（〔部门〕）" in waiting
        version = re.search(r'name="version" value="(\d+)"', await shown(village, case))
        assert version
        fields = {"to": "referred", "field_department": "市水务局", "version": version[1]}
        assert (await village.post(path, **fields)).status_code == 303
        await office.work()
        assert await office.messages() == [("webchat", waiting.replace("〔部门〕", "市水务局"))]

    async def test_supervisors_and_auditors_are_shown_none(
        self, sign_in: SignIn, open_browser: OpenBrowser, case: dict[str, Any]
    ) -> None:
        for role in ("supervisor", "auditor"):
            http = await sign_in(role)
            path = f"/cases/{case['case_no']}/notices/preview"
            answer = await http.get(path, params={"event": "deliberation"})
            assert answer.status_code == 403
            reader = await open_browser(role)
            assert "<blockquote" not in await shown(reader, case)
            path = f"/staff/cases/{case['case_no']}/preview/move"
            assert (await reader.post(path, to="deliberation")).status_code == 403


class TestAfterwards:
    async def test_attempts_stand_there_with_channel_state_and_reason(
        self, village: Browser, case: dict[str, Any], office: Office
    ) -> None:
        assert "还没有发过通知" in await shown(village, case)
        fields = {"to": "deliberation", "field_meeting_on": "2026-11-10", "version": 1}
        await village.post(f"/staff/cases/{case['case_no']}/acts/move", **fields)
        await office.plan()
        office.clock.at += HOUR / 2
        await shown(village, case)
        await office.work(HOUR / 2)
        text = (await shown(village, case)).split('id="notices"')[1]
        assert "已发出" in text
        assert "提出者，网页对话：协商会议" in text
        assert "对方已经知道了，不重复发" in text

    async def test_a_granted_extension_is_told(
        self,
        village: Browser,
        open_browser: OpenBrowser,
        case: dict[str, Any],
        office: Office,
    ) -> None:
        path = f"/staff/cases/{case['case_no']}/acts"
        await village.post(f"{path}/ask-extension", days=5, reason="等勘查", version=1)
        town = await open_browser("town", town=PLACE["town"])
        fields = {"grant": "yes", "note": "等勘查", "version": 2}
        answer = await town.post(f"{path}/decide-extension", **fields)
        assert answer.status_code == 303, answer.text
        await office.work()
        ((_, said),) = await office.messages()
        assert "需要延期到11月23日" in said

    @pytest.mark.parametrize(
        "reason",
        sorted({m.reason for m in ERRCODES.values()} | {f.reason for f in TWILIO.values()}
               | {f.reason for f in GATEWAY.values()}),
    )  # fmt: skip
    def test_every_reason_of_a_channel_has_words(self, reason: str) -> None:
        assert wording()["notices"]["reasons"][reason]

    @pytest.mark.parametrize("template", sorted(texts()))
    def test_every_text_has_a_name(self, template: str) -> None:
        assert template_label(template)


class TestPolicies:
    async def test_likely_ones_stand_on_the_page_with_what_became_of_them(
        self,
        village: Browser,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
    ) -> None:
        city = await sign_in("city")
        files = {"file": ("政策.csv", SAMPLE.read_bytes(), "text/csv")}
        await city.post("/policies/import", files=files)
        words = {"description": "家里老人做手术，医药费太贵", "summary": "医药费太贵"}
        body = new_case(**words, type="medical_aid", category=None, group=None)
        wish = await filed(service, body, key="wish")
        text = await shown(village, wish)
        assert f'href="/staff/cases/{wish["case_no"]}/policies"' in text
        card = text.split('id="policy"')[1].split("</section>")[0]
        assert "医疗救助" in card
        assert "示例" in card
        assert "还没核对" in card
        path = f"/staff/cases/{wish['case_no']}/policies"
        await village.post(path, policy="示例-04", outcome="unsatisfied")
        card = (await shown(village, wish)).split('id="policy"')[1].split("</section>")[0]
        assert "办理后仍不能满足" in card
        assert "核对政策" in (await shown(village, wish)).split('id="timeline"')[1]
