"""The bell: what falls due, for whoever must act, until they have read it or done it."""

from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import Any

import httpx
import pytest

from backend.cases.tasks import remind
from backend.core.clock import SHANGHAI, FixedClock
from backend.core.resources import Resources
from tests.support.api import SignIn, filed
from tests.support.staff import Browser, OpenBrowser

NewCase = Callable[..., dict[str, Any]]
PLACE = {"town": "441900119", "village": "441900119011"}
ELSEWHERE = {"town": "441900003", "village": "441900003001"}


@pytest.fixture
async def case(service: httpx.AsyncClient, new_case: NewCase) -> dict[str, Any]:
    """A street light in 上沙, to be talked about until 18 November."""
    return await filed(service, new_case(**PLACE))


async def on(resources: Resources, clock: FixedClock, day: int) -> None:
    """The morning of that day, when reminders go out."""
    clock.at = datetime(2026, 11, day, 9, tzinfo=SHANGHAI)
    await remind(resources)


async def bell(browser: Browser) -> str:
    """What stands beside the bell on the work list."""
    page = unescape((await browser.get("/staff")).text)
    return page.split('href="/staff/reminders">提醒')[1].split("</a>")[0]


async def shown(browser: Browser) -> str:
    """The list."""
    answer = await browser.get("/staff/reminders")
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


class TestTheBell:
    async def test_counts_what_is_unread_and_the_list_says_what_and_when(
        self,
        open_browser: OpenBrowser,
        case: dict[str, Any],
        api_resources: Resources,
        clock: FixedClock,
    ) -> None:
        await on(api_resources, clock, 16)
        village = await open_browser("village", **PLACE)
        assert ">1<" in await bell(village)
        page = await shown(village)
        for words in (
            case["case_no"],
            "11月18日（周三）前召开协商会议",
            "快到期",
            "2026年11月16日 09:00 提醒",
        ):
            assert words in page

    async def test_is_silent_where_nothing_falls_due(
        self, open_browser: OpenBrowser, case: dict[str, Any]
    ) -> None:
        village = await open_browser("village", **PLACE)
        assert "count" not in await bell(village)
        assert "没有未读的提醒" in await shown(village)

    async def test_marked_as_read_it_is_gone_for_oneself_only(
        self,
        open_browser: OpenBrowser,
        case: dict[str, Any],
        api_resources: Resources,
        clock: FixedClock,
    ) -> None:
        await on(api_resources, clock, 16)
        mine = await open_browser("village", **PLACE)
        hers = await open_browser("village", **PLACE)
        reminder = (await shown(mine)).split('name="reminder" value="')[1].split('"')[0]
        answer = await mine.post("/staff/reminders/read", reminder=reminder)
        assert answer.status_code == 303
        assert case["case_no"] not in await shown(mine)
        assert case["case_no"] in await shown(hers)

    async def test_a_step_that_was_taken_needs_no_reminder(
        self,
        open_browser: OpenBrowser,
        sign_in: SignIn,
        case: dict[str, Any],
        api_resources: Resources,
        clock: FixedClock,
    ) -> None:
        await on(api_resources, clock, 16)
        city = await sign_in("city")
        for to in ("deliberation", "review"):
            await city.post(f"/cases/{case['case_no']}/transitions", json={"to": to})
        village = await open_browser("village", **PLACE)
        assert case["case_no"] not in await shown(village)


class TestLevels:
    """Each level reads what its level is told; others what lies in their scope."""

    @pytest.mark.parametrize(
        ("day", "role", "place", "words"),
        [
            (16, "village", PLACE, "快到期"),
            (16, "town", {"town": PLACE["town"]}, None),
            (16, "city", {}, None),
            (20, "town", {"town": PLACE["town"]}, "超期未办，提请镇街督办"),
            (20, "city", {}, None),
            (25, "city", {}, "超期未办，提请市级督办"),
            (25, "village", PLACE, "已超期"),
            (25, "supervisor", {}, "超期未办，提请市级督办"),
            (25, "auditor", {}, "超期未办，提请市级督办"),
            (25, "hotline", {}, None),
            (25, "village", ELSEWHERE, None),
            (25, "town", {"town": ELSEWHERE["town"]}, None),
        ],
    )
    async def test_each_role_reads_its_own(
        self,
        open_browser: OpenBrowser,
        case: dict[str, Any],
        api_resources: Resources,
        clock: FixedClock,
        day: int,
        role: str,
        place: dict[str, str],
        words: str | None,
    ) -> None:
        for passed in (16, 18, 20, 25):
            if passed <= day:
                await on(api_resources, clock, passed)
        page = await shown(await open_browser(role, **place))
        assert (case["case_no"] in page) is (words is not None)
        assert words is None or words in page

    async def test_nobody_marks_what_is_not_on_their_list(
        self,
        open_browser: OpenBrowser,
        case: dict[str, Any],
        api_resources: Resources,
        clock: FixedClock,
    ) -> None:
        await on(api_resources, clock, 16)
        village = await open_browser("village", **PLACE)
        reminder = (await shown(village)).split('name="reminder" value="')[1].split('"')[0]
        stranger = await open_browser("village", **ELSEWHERE)
        await stranger.post("/staff/reminders/read", reminder=reminder)
        assert case["case_no"] in await shown(village)

    async def test_who_is_not_signed_in_is_sent_to_the_door(self, stranger: Browser) -> None:
        answer = await stranger.get("/staff/reminders")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/staff/sign-in")
