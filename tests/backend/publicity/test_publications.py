"""公示、认领、结果: anybody may read them, and nothing but what was written for the public."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from backend.core.clock import FixedClock
from backend.core.db import Database
from tests.backend.cases.test_claims import FIELDS, Wish

LIST = "/public/publications"


async def listed(public: httpx.AsyncClient, section: str, **more: str) -> list[dict[str, Any]]:
    """The items of a section."""
    answer = await public.get(LIST, params={"section": section, **more})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def texts(item: dict[str, Any]) -> dict[str, str]:
    """What was written for the public, by label."""
    return {word["label"]: word["text"] for word in item["words"]}


class TestNotice:
    async def test_says_the_five_things_of_the_plan_and_the_last_day(
        self, public: httpx.AsyncClient, in_notice: Wish
    ) -> None:
        """公示（包括项目内容、实施地点、实施时限、资金预算、惠及人群等），公示时间不少于5天."""
        (item,) = await listed(public, "notice")
        assert texts(item) == {
            "项目内容": "更换损坏路灯三盏，加装两盏。",
            "实施地点": "上沙社区中南路",
            "实施时限": "两个月",
            "资金预算（元）": "260,000",
            "惠及人群": "中南路沿线居民约二百户",
        }
        assert item["until"].startswith("2026-11-08T23:59:59")
        assert item["status_label"] == "公示中"

    async def test_says_that_its_days_are_over_while_nobody_has_moved_it(
        self, public: httpx.AsyncClient, in_notice: Wish, clock: FixedClock
    ) -> None:
        (item,) = await listed(public, "notice")
        assert not item["is_over"]
        clock.at += timedelta(days=6)
        (item,) = await listed(public, "notice")
        assert item["is_over"]

    async def test_names_neither_the_case_nor_anybody(
        self, public: httpx.AsyncClient, in_notice: Wish
    ) -> None:
        answer = await public.get(LIST)
        shown = await in_notice.shown()
        for word in (in_notice.case_no, "陈玉兰", shown["summary"], shown["conversation_id"]):
            assert word not in answer.text


class TestHall:
    async def test_a_wish_says_its_town_and_not_its_village(
        self, public: httpx.AsyncClient, in_the_hall: Wish
    ) -> None:
        (item,) = await listed(public, "hall")
        assert (item["title"], item["place"]) == ("想要一台轮椅", "长安镇")
        assert texts(item) == {"情况说明": FIELDS["claim_open"]["public_text"]}
        for word in ("成伯", "成大文", "三巷七号", in_the_hall.case_no):
            assert word not in str(item)

    async def test_what_is_claimed_is_gone_by_its_number_too(
        self, public: httpx.AsyncClient, in_the_hall: Wish
    ) -> None:
        (item,) = await listed(public, "hall")
        assert (await public.get(f"{LIST}/{item['number']}")).status_code == 200
        await in_the_hall.move("claimed", fields=FIELDS["claimed"])
        assert await listed(public, "hall") == []
        gone = await public.get(f"{LIST}/{item['number']}")
        assert (gone.status_code, gone.json()["code"]) == (404, "publication_not_found")


class TestResult:
    async def test_says_what_it_cost_and_what_it_brought(
        self, public: httpx.AsyncClient, done: Wish
    ) -> None:
        """公示审计结果、资金使用情况和实施效果."""
        (item,) = await listed(public, "result")
        said = texts(item)
        assert said["实际使用资金（元）"] == "251,300"
        assert said["审计结果"] == "审计无异议"
        assert said["实施效果"] == "夜里全线亮灯，居民出行安心。"
        assert item["until"] is None


class TestPaging:
    async def test_goes_on_where_the_page_ended(
        self,
        public: httpx.AsyncClient,
        in_notice: Wish,
        in_the_hall: Wish,
        monkeypatch: pytest.MonkeyPatch,
        database: Database,
    ) -> None:
        monkeypatch.setattr("backend.publicity.service.PAGE_SIZE", 1)
        await in_notice.move("deliberation", note="异议成立")
        assert await listed(public, "notice") == []
        first = (await public.get(LIST, params={"section": "hall"})).json()
        assert (len(first["items"]), first["next_cursor"]) == (1, None)

    async def test_every_item_once(
        self,
        public: httpx.AsyncClient,
        service: httpx.AsyncClient,
        in_notice: Wish,
        new_case: Any,
        clock: FixedClock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("backend.publicity.service.PAGE_SIZE", 2)
        numbers = [(await listed(public, "notice"))[0]["number"]]
        for key in "abcd":
            numbers.append(await _another(service, in_notice, new_case, key, public))
        seen: list[int] = []
        cursor = ""
        for _ in range(3):
            page = (await public.get(LIST, params={"cursor": cursor} if cursor else {})).json()
            seen += [item["number"] for item in page["items"]]
            cursor = page["next_cursor"]
        assert (seen, cursor) == (sorted(numbers, reverse=True), None)

    @pytest.mark.parametrize("cursor", ["x", "1", "1-", "9" * 18 + "-1", "-1-1"])
    async def test_a_cursor_from_elsewhere_is_refused(
        self, public: httpx.AsyncClient, cursor: str
    ) -> None:
        answer = await public.get(LIST, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")

    async def test_a_town_has_its_own_list(
        self, public: httpx.AsyncClient, in_notice: Wish
    ) -> None:
        assert len(await listed(public, "notice", town="441900119")) == 1
        assert await listed(public, "notice", town="441900003") == []


async def _another(
    service: httpx.AsyncClient, city: Wish, new_case: Any, key: str, public: httpx.AsyncClient
) -> int:
    headers = {"Idempotency-Key": key}
    body = new_case(type="street_light", town="441900119", village="441900119011")
    case_no = (await service.post("/cases", json=body, headers=headers)).json()["case_no"]
    one = Wish(city._http, case_no)
    for to in ("deliberation", "review", "publicity"):
        await one.move(to, fields=FIELDS.get(to))
    return int((await listed(public, "notice"))[0]["number"])
