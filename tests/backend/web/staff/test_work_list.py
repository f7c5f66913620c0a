"""The work list: tabs, order, pages, search, saved views, bulk acts, quick entry."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import httpx
import pytest
from sqlalchemy import select

from backend.core.clock import FixedClock
from backend.core.db import Database
from backend.staff.models import AuditEntry
from tests.support.api import filed
from tests.support.staff import Browser, OpenBrowser

TOWN, VILLAGE, NEIGHBOUR = "441900119", "441900119011", "441900119002"
PLACE = {"town": TOWN, "village": VILLAGE}
NewCase = Callable[..., dict[str, Any]]


def listed(answer: httpx.Response) -> list[str]:
    """Case numbers in the page's order."""
    assert answer.status_code == 200, answer.text
    return re.findall(r'case-title"><a href="/staff/cases/(\w+)"', answer.text)


async def tab(browser: Browser, name: str, **query: Any) -> list[str]:
    """The cases of a tab."""
    return listed(await browser.get("/staff", tab=name, **query))


class TestTabs:
    async def test_the_most_urgent_first_with_what_when_and_why(
        self,
        service: httpx.AsyncClient,
        open_browser: OpenBrowser,
        new_case: NewCase,
        clock: FixedClock,
    ) -> None:
        late = await filed(service, new_case(), "a")
        clock.at += timedelta(days=14)
        fresh = await filed(service, new_case(), "b")
        clock.at += timedelta(days=2)
        village = await open_browser("village", **PLACE)
        answer = await village.get("/staff")
        assert listed(answer) == [late["case_no"], fresh["case_no"]]
        assert "超期1天" in answer.text
        assert "11月3日接收，15日内召开协商会议 → 11月18日" in answer.text
        assert await tab(village, "overdue") == [late["case_no"]]
        assert await tab(village, "soon") == []
        clock.at += timedelta(days=11)
        assert await tab(await open_browser("village", **PLACE), "soon") == [fresh["case_no"]]

    async def test_what_is_with_the_town_waits_for_others(
        self,
        service: httpx.AsyncClient,
        open_browser: OpenBrowser,
        sign_in: Any,
        new_case: NewCase,
    ) -> None:
        case = await filed(service, new_case())
        api = await sign_in("village", **PLACE)
        for step in ("deliberation", "review"):
            answer = await api.post(f"/cases/{case['case_no']}/transitions", json={"to": step})
            assert answer.status_code == 200
        village, town = (
            await open_browser("village", **PLACE),
            await open_browser("town", town=TOWN),
        )
        assert await tab(village, "place") == []
        assert await tab(village, "waiting") == [case["case_no"]]
        assert await tab(town, "place") == [case["case_no"]]
        assert await tab(town, "waiting") == []

    async def test_taking_a_case_makes_it_mine(
        self, service: httpx.AsyncClient, open_browser: OpenBrowser, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        village = await open_browser("village", **PLACE)
        assert await tab(village, "mine") == []
        answer = await village.post(
            "/staff/bulk", act="take", cases=f"{case['case_no']}:1", back="tab=place"
        )
        assert answer.headers["location"] == "/staff?tab=place&ok=assigned&skipped=0"
        assert await tab(village, "mine") == [case["case_no"]]


class TestPages:
    @pytest.mark.parametrize("name", ["place", "all"])
    async def test_every_case_once_however_many_share_a_deadline(
        self,
        service: httpx.AsyncClient,
        open_browser: OpenBrowser,
        new_case: NewCase,
        name: str,
    ) -> None:
        numbers = [(await filed(service, new_case(), f"k{i}"))["case_no"] for i in range(7)]
        village = await open_browser("village", **PLACE)
        seen: list[str] = []
        query: dict[str, str] = {"tab": name, "limit": "3"}
        while True:
            answer = await village.get("/staff", **query)
            seen += listed(answer)
            following = re.search(r'rel="next" href="/staff\?([^"]+)"', answer.text)
            if not following:
                break
            cursor = re.search(r"cursor=([\w-]+)", following.group(1))
            assert cursor
            query["cursor"] = cursor.group(1)
        assert sorted(seen) == sorted(numbers)

    @pytest.mark.parametrize("cursor", ["x", "bi4tMQ", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OS4x"])
    async def test_a_made_up_cursor_is_refused(
        self, open_browser: OpenBrowser, cursor: str
    ) -> None:
        village = await open_browser("village", **PLACE)
        assert (await village.get("/staff", cursor=cursor)).status_code == 400


class TestSearch:
    async def test_by_words_number_ticket_and_whole_phone(
        self,
        service: httpx.AsyncClient,
        open_browser: OpenBrowser,
        new_case: NewCase,
        database: Database,
    ) -> None:
        lamp = await filed(service, new_case(external_ref="DG20261103-77"), "a")
        drain = {
            "type": "drainage",
            "group": None,
            "category": None,
            "contact_phone": "13900005678",
        }
        await filed(
            service, new_case(**drain, description="巷口下水道堵塞", summary="下水道堵塞"), "b"
        )
        village = await open_browser("village", **PLACE)
        for words in (
            "路灯",
            "路灯 老人",
            lamp["case_no"].lower(),
            "DG20261103-77",
            "138 0000 1234",
        ):
            assert await tab(village, "place", q=words) == [lamp["case_no"]], words
        for nothing in ("灯路", "路灯 下水道", "1380000", "1234"):
            assert await tab(village, "place", q=nothing) == [], nothing
        async with database.transaction() as session:
            entries = (await session.scalars(select(AuditEntry))).all()
        assert [(e.action, e.reason) for e in entries] == [
            ("phone_search", "138****1234"),
            ("phone_search", "*****00"),
        ]

    async def test_readers_find_by_number_only(
        self, service: httpx.AsyncClient, open_browser: OpenBrowser, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        reader = await open_browser("supervisor")
        assert await tab(reader, "all", q=case["case_no"]) == [case["case_no"]]
        for words in ("路灯", "13800001234"):
            answer = await reader.get("/staff", q=words)
            assert answer.status_code == 403
            assert "不能按文字或电话查找" in answer.text


class TestSavedViews:
    async def test_are_kept_shown_and_removed(self, open_browser: OpenBrowser) -> None:
        village, other = await open_browser("village", **PLACE), await open_browser("city")
        query = "tab=all&category=weishishi&evil=%3Cscript%3E"
        await village.post("/staff/views", name="微实事", query=query)
        shown = (await village.get("/staff")).text
        assert "/staff?tab=all&amp;category=weishishi" in shown
        assert "微实事</a>" not in (await other.get("/staff")).text
        view_id = re.search(r"/staff/views/(\d+)/remove", shown)
        assert view_id
        await other.post(f"/staff/views/{view_id.group(1)}/remove")
        assert "/remove" in (await village.get("/staff")).text
        await village.post(f"/staff/views/{view_id.group(1)}/remove")
        assert "/remove" not in (await village.get("/staff")).text


class TestBulk:
    async def test_leaves_alone_what_changed_meanwhile(
        self,
        service: httpx.AsyncClient,
        open_browser: OpenBrowser,
        sign_in: Any,
        new_case: NewCase,
    ) -> None:
        first, second = await filed(service, new_case(), "a"), await filed(service, new_case(), "b")
        api = await sign_in("city")
        await api.post(f"/cases/{first['case_no']}/notes", json={"note": "先到"})
        village = await open_browser("village", **PLACE)
        ticked = [f"{first['case_no']}:1", f"{second['case_no']}:1"]
        answer = await village.post("/staff/bulk", act="take", cases=ticked)
        assert "skipped=1" in answer.headers["location"]
        assert await tab(village, "mine") == [second["case_no"]]

    async def test_reaches_nothing_outside_the_place(
        self, service: httpx.AsyncClient, open_browser: OpenBrowser, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        other = await open_browser("village", town=TOWN, village=NEIGHBOUR)
        answer = await other.post("/staff/bulk", act="take", cases=f"{case['case_no']}:1")
        assert answer.status_code == 404

    @pytest.mark.parametrize(
        ("fields", "status"),
        [({"act": "take"}, 400), ({"act": "note", "cases": "WSS:1"}, 400), ({"act": "urge"}, 403)],
    )
    async def test_says_what_is_missing(
        self, open_browser: OpenBrowser, fields: dict[str, str], status: int
    ) -> None:
        village = await open_browser("village", **PLACE)
        assert (await village.post("/staff/bulk", **fields)).status_code == status


class TestQuickEntry:
    ENTRY: ClassVar[dict[str, Any]] = {
        "key": "once",
        "source": "visit",
        "proposer_kind": "delegate",
        "type": "street_light",
        "description": "走访时陈伯说巷口的灯坏了，电话13800001234",
        "contact_name": "陈伯",
        "contact_phone": "13800001234",
        "groups": ["elderly"],
    }

    async def test_files_once_in_the_staffs_place(self, open_browser: OpenBrowser) -> None:
        village = await open_browser("village", **PLACE)
        first = await village.post("/staff/new", **self.ENTRY)
        assert first.status_code == 303, first.text
        again = await village.post("/staff/new", **self.ENTRY)
        assert again.headers["location"] == first.headers["location"]
        shown = (await village.get(first.headers["location"])).text
        for words in ("已登记。", "入户走访", "两代表一委员", "长安镇上沙社区", "首问负责"):
            assert words in shown, words
        assert "13800001234" not in shown

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"type": ""}, "请选择事项"),
            ({"description": " "}, "请写下诉求内容"),
            ({"contact_phone": "123"}, "电话号码的位数不对"),
            ({"beneficiaries": "很多"}, "人数请填整数"),
        ],
    )
    async def test_says_what_is_missing_and_keeps_the_rest(
        self, open_browser: OpenBrowser, changes: dict[str, str], says: str
    ) -> None:
        village = await open_browser("village", **PLACE)
        answer = await village.post("/staff/new", **{**self.ENTRY, **changes})
        assert answer.status_code == 400
        assert says in answer.text
        assert "陈伯" in answer.text
