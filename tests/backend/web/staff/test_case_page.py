"""The case page: steps with their fields, two people at once, arrangements, print and archive."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from backend.core.clock import FixedClock
from tests.support.api import filed
from tests.support.staff import Browser, OpenBrowser

TOWN, VILLAGE = "441900119", "441900119011"
PLACE = {"town": TOWN, "village": VILLAGE}
NewCase = Callable[..., dict[str, Any]]


@pytest_asyncio.fixture(loop_scope="function")
async def case(service: httpx.AsyncClient, new_case: NewCase) -> dict[str, Any]:
    """A broken street light in 上沙社区."""
    return await filed(service, new_case(conversation_id=None))


@pytest_asyncio.fixture(loop_scope="function")
async def village(open_browser: OpenBrowser) -> Browser:
    """The village's browser."""
    opened: Browser = await open_browser("village", **PLACE)
    return opened


async def version(service: httpx.AsyncClient, case: dict[str, Any]) -> int:
    """The case's present version."""
    rows = (await service.get("/cases", params={"q": case["case_no"]})).json()["items"]
    return int(rows[0]["version"])


async def act(
    browser: Browser, service: httpx.AsyncClient, case: dict[str, Any], name: str, **fields: Any
) -> httpx.Response:
    """Send one of the page's forms with the present version."""
    now = fields.pop("version", None) or await version(service, case)
    path = f"/staff/cases/{case['case_no']}/acts/{name}"
    return await browser.post(path, version=now, seen_events=1, **fields)


async def page(browser: Browser, case: dict[str, Any]) -> str:
    """The page's text."""
    answer = await browser.get(f"/staff/cases/{case['case_no']}")
    assert answer.status_code == 200
    return answer.text


class TestPage:
    async def test_shows_deadline_with_its_explanation_and_the_masked_contact(
        self, village: Browser, case: dict[str, Any]
    ) -> None:
        shown = await page(village, case)
        assert "2026年11月18日（周三）前召开协商会议" in shown
        assert "11月3日接收，15日内召开协商会议 → 11月18日" in shown
        assert "138****1234" in shown
        assert "13800001234" not in shown

    async def test_offers_the_roles_steps_with_the_tables_fields(
        self, village: Browser, case: dict[str, Any]
    ) -> None:
        shown = await page(village, case)
        assert "组织协商" in shown
        assert 'name="field_meeting_on"' in shown
        assert "审核通过，开始公示" not in shown

    async def test_a_wrong_number_is_a_page_for_people(self, village: Browser) -> None:
        answer = await village.get("/staff/cases/WSS26112100016")
        assert answer.status_code == 404
        assert "没有找到这件诉求" in answer.text


class TestStep:
    async def test_records_its_fields(
        self, village: Browser, service: httpx.AsyncClient, case: dict[str, Any]
    ) -> None:
        answer = await act(
            village, service, case, "move", to="deliberation", field_meeting_on="2026-11-10"
        )
        assert answer.status_code == 303, answer.text
        shown = await page(village, case)
        assert "会议日期" in shown
        assert "2026年11月10日（周二）" in shown

    async def test_a_missing_field_is_named_and_the_rest_is_kept(
        self, village: Browser, service: httpx.AsyncClient, case: dict[str, Any]
    ) -> None:
        answer = await act(
            village,
            service,
            case,
            "move",
            to="deliberation",
            field_meeting_on="",
            field_meeting_place="党群服务中心",
        )
        assert answer.status_code == 400
        assert "请填写会议日期" in answer.text
        assert "党群服务中心" in answer.text
        assert await version(service, case) == 1

    async def test_another_roles_step_is_refused(
        self, village: Browser, service: httpx.AsyncClient, case: dict[str, Any]
    ) -> None:
        answer = await act(village, service, case, "move", to="publicity")
        assert answer.status_code == 400
        assert "当前状态不能这样流转" in answer.text

    async def test_a_merged_case_joins_the_other(
        self,
        village: Browser,
        service: httpx.AsyncClient,
        case: dict[str, Any],
        new_case: NewCase,
    ) -> None:
        other = await filed(service, new_case(conversation_id="other"), key="k2")
        answer = await act(
            village,
            service,
            case,
            "move",
            to="merged",
            note="同一盏灯",
            merged_into=other["case_no"].lower(),
        )
        assert answer.status_code == 303, answer.text
        assert f"已并入 {other['case_no']}" in await page(village, case)
        joined = await page(village, other)
        assert "并入一件相同诉求" in joined
        assert "1 人" in joined


class TestTwoPeople:
    async def test_the_second_is_told_and_nothing_is_overwritten(
        self, village: Browser, service: httpx.AsyncClient, case: dict[str, Any]
    ) -> None:
        first = await act(village, service, case, "note", note="已打电话")
        assert first.status_code == 303
        second = await act(
            village, service, case, "move", to="policy_check", note="我的话", version=1
        )
        assert second.status_code == 409
        assert "别人更新了这件诉求" in second.text
        assert "我的话" in second.text
        assert "已打电话" in second.text
        assert '<span class="chip warn">新</span>' in second.text
        assert "已接收" in await page(village, case)

    async def test_the_api_tells_too(
        self, sign_in: Any, service: httpx.AsyncClient, case: dict[str, Any]
    ) -> None:
        city = await sign_in("city")
        path = f"/cases/{case['case_no']}"
        await city.post(f"{path}/notes", json={"note": "一"})
        answer = await city.post(f"{path}/transitions", json={"to": "policy_check", "version": 1})
        assert (answer.status_code, answer.json()["code"]) == (409, "case_changed")
        assert answer.json()["current_version"] == 2


class TestArrangements:
    async def test_first_receiver_and_assignment(
        self, village: Browser, service: httpx.AsyncClient, case: dict[str, Any]
    ) -> None:
        answer = await act(village, service, case, "assign", assignee=village.username)
        assert answer.status_code == 303
        shown = await page(village, case)
        assert shown.count("village经办人") >= 3

    async def test_nobody_outside_the_place_can_be_given_the_case(
        self,
        village: Browser,
        open_browser: OpenBrowser,
        service: httpx.AsyncClient,
        case: dict[str, Any],
    ) -> None:
        stranger = await open_browser("village", town=TOWN, village="441900119002")
        answer = await act(village, service, case, "assign", assignee=stranger.username)
        assert answer.status_code == 400
        assert "不能指派给他" in answer.text

    async def test_an_extension_is_asked_for_and_granted_by_the_town(
        self,
        village: Browser,
        open_browser: OpenBrowser,
        service: httpx.AsyncClient,
        case: dict[str, Any],
    ) -> None:
        asked = await act(village, service, case, "ask-extension", days="5", reason="等户主回来")
        assert asked.status_code == 303, asked.text
        assert "申请延期 5 天" in await page(village, case)
        own = await act(village, service, case, "decide-extension", grant="yes")
        assert own.status_code == 403
        town = await open_browser("town", town=TOWN)
        granted = await act(town, service, case, "decide-extension", grant="yes")
        assert granted.status_code == 303, granted.text
        shown = await page(village, case)
        assert "2026年11月23日（周一）前召开协商会议" in shown
        assert "延长5日 → 11月23日" in shown
        assert "本地设置" in shown

    @pytest.mark.parametrize("days", ["0", "31", "x", ""])
    async def test_odd_numbers_of_days_are_refused(
        self, village: Browser, service: httpx.AsyncClient, case: dict[str, Any], days: str
    ) -> None:
        answer = await act(village, service, case, "ask-extension", days=days, reason="等等")
        assert answer.status_code == 400
        assert "1 到 30 天" in answer.text

    async def test_the_town_urges_and_the_village_cannot(
        self,
        village: Browser,
        open_browser: OpenBrowser,
        service: httpx.AsyncClient,
        case: dict[str, Any],
    ) -> None:
        town = await open_browser("town", town=TOWN)
        assert (await act(town, service, case, "urge", reason="尽快答复")).status_code == 303
        assert "督办" in await page(village, case)
        assert (await act(village, service, case, "urge", reason="x")).status_code == 403


class TestReveal:
    async def test_shows_the_contact_once_with_a_reason(
        self, village: Browser, case: dict[str, Any]
    ) -> None:
        path = f"/staff/cases/{case['case_no']}"
        answer = await village.post(f"{path}/reveal", reason="约上门核查")
        assert "13800001234" in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "13800001234" not in await page(village, case)
        assert (await village.post(f"{path}/reveal", reason="")).status_code == 400


class TestFiles:
    async def test_the_case_file_is_a_pdf(
        self, village: Browser, case: dict[str, Any], clock: FixedClock
    ) -> None:
        clock.at += timedelta(minutes=30)
        answer = await village.post(f"/staff/cases/{case['case_no']}/print")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
        assert case["case_no"] in answer.headers["content-disposition"]

    async def test_the_archive_proves_its_audit_entries(
        self, village: Browser, case: dict[str, Any]
    ) -> None:
        await village.post(f"/staff/cases/{case['case_no']}/reveal", reason="约上门核查")
        answer = await village.post(f"/staff/cases/{case['case_no']}/bundle")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            packed = {name: archive.read(name) for name in archive.namelist()}
        assert set(packed) == {"case.json", "audit.json", "SHA256SUMS"}
        entries = json.loads(packed["audit.json"])["entries"]
        assert [entry["action"] for entry in entries] == ["reveal_contact", "case_exported"]
        assert all(entry["sealed"] for entry in entries)
        assert entries[1]["previous"] == entries[0]["mac"]
        assert b"13800001234" not in packed["case.json"]
