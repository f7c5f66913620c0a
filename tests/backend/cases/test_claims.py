"""莞家直达: what is published for somebody to claim never waits for ever."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from backend.cases.claims import release_unclaimed
from backend.core.clock import SHANGHAI, FixedClock
from backend.core.resources import Resources
from tests.support.api import SignIn, filed

NewCase = Callable[..., dict[str, Any]]
FIELDS: dict[str, dict[str, str]] = {
    "claim_open": {
        "public_title": "想要一台轮椅",
        "public_text": "一位独居老人腿脚不便，出门要人扶，希望有一台轮椅。",
        "platforms": "三个平台都已公布",
        "privacy": "公布内容没有姓名、证件、电话、住址和人像",
    },
    "claimed": {"claimant_kind": "爱心企业", "claimant": "东莞某某有限公司"},
}


PLAN = {
    "content": "更换损坏路灯三盏，加装两盏。",
    "place": "上沙社区中南路",
    "time_limit": "两个月",
    "budget_cny": "260000",
    "benefiting": "中南路沿线居民约二百户",
}
FIELDS["publicity"] = PLAN


class Wish:
    """A case on its way to its claim, and the city that moves it on."""

    def __init__(self, http: httpx.AsyncClient, case_no: str) -> None:
        self._http = http
        self.case_no = case_no

    async def move(self, to: str, **more: Any) -> httpx.Response:
        """One step."""
        body = {"to": to, "note": "说明", **more}
        return await self._http.post(f"/cases/{self.case_no}/transitions", json=body)

    async def shown(self) -> dict[str, Any]:
        """As staff see it."""
        body: dict[str, Any] = (await self._http.get(f"/cases/{self.case_no}")).json()
        return body


@pytest.fixture
async def wish(service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase) -> Wish:
    """Confirmed on 3 November for 莞家直达."""
    case = await filed(service, new_case(type="living_aid", category=None, group=None))
    one = Wish(await sign_in("city"), case["case_no"])
    for to in ("verification", "assessment", "claim_pending"):
        assert (await one.move(to)).status_code == 200
    return one


class TestClocks:
    async def test_each_step_has_its_own_with_its_clause(
        self, wish: Wish, clock: FixedClock
    ) -> None:
        bases = [(await wish.shown())["due"]["basis"]]
        for to in ("claim_open", "claimed", "aid"):
            assert (await wish.move(to, fields=FIELDS.get(to))).status_code == 200
            bases.append((await wish.shown())["due"]["basis"])
        assert bases == [
            "11月3日确认，10个工作日内公布项目信息 → 11月17日",
            "11月3日公布，30日内等候认领 → 12月3日",
            "11月3日认领，1个月内启动 → 12月3日",
            "11月3日确定办理，5个工作日内办理完毕 → 11月10日",
        ]

    async def test_publishing_needs_the_privacy_check_and_claiming_a_claimant(
        self, wish: Wish
    ) -> None:
        refused = await wish.move("claim_open", fields={"platforms": "三个平台都已公布"})
        assert (refused.status_code, refused.json()["code"]) == (400, "fields_needed")
        await wish.move("claim_open", fields=FIELDS["claim_open"])
        refused = await wish.move("claimed", fields={"claimant_kind": "爱心企业"})
        assert refused.json()["fields"] == {"claimant": "请填写认领方名称"}


class TestWithoutAClaim:
    async def test_the_fund_steps_in_by_itself_when_the_time_is_over(
        self, wish: Wish, api_resources: Resources, clock: FixedClock
    ) -> None:
        await wish.move("claim_open")
        clock.at = datetime(2026, 12, 3, 23, 59, tzinfo=SHANGHAI)
        assert await release_unclaimed(api_resources) == 0
        clock.at = datetime(2026, 12, 4, 0, 1, tzinfo=SHANGHAI)
        assert await release_unclaimed(api_resources) == 1
        assert await release_unclaimed(api_resources) == 0
        case = await wish.shown()
        assert case["status"] == "aid"
        assert case["progress"] == "公布期满没有人认领，已转由专项资金办理"
        assert case["due"]["basis"].startswith("12月4日确定办理，5个工作日内")

    async def test_and_not_by_hand_before(self, wish: Wish, clock: FixedClock) -> None:
        await wish.move("claim_open")
        refused = await wish.move("aid")
        assert (refused.status_code, refused.json()["code"]) == (409, "claim_wait_running")
        clock.at = datetime(2026, 12, 4, 9, tzinfo=SHANGHAI)
        assert (await wish.move("aid")).status_code == 200

    async def test_a_claimed_wish_stays_with_its_claimant(
        self, wish: Wish, api_resources: Resources, clock: FixedClock
    ) -> None:
        await wish.move("claim_open")
        await wish.move("claimed")
        clock.at = datetime(2027, 3, 1, 9, tzinfo=SHANGHAI)
        assert await release_unclaimed(api_resources) == 0


class TestAClaimantWhoLeaves:
    async def test_the_wish_waits_anew_from_that_day(self, wish: Wish, clock: FixedClock) -> None:
        for to in ("claim_open", "claimed"):
            await wish.move(to, fields=FIELDS[to])
        clock.at = datetime(2026, 11, 20, 9, tzinfo=SHANGHAI)
        back = await wish.move("claim_open", note="企业资金有变化")
        assert back.status_code == 200, back.text
        due = (await wish.shown())["due"]
        assert due["basis"] == "11月20日认领方退出，重新公布，30日内等候认领 → 12月20日"
        assert due["local"] == "等候认领的时间方案未规定"
        refused = await wish.move("aid")
        assert refused.json()["code"] == "claim_wait_running"

    async def test_and_must_be_explained(self, wish: Wish) -> None:
        for to in ("claim_open", "claimed"):
            await wish.move(to, fields=FIELDS[to])
        refused = await wish.move("claim_open", note=None)
        assert refused.json()["code"] == "note_needed"


class TestASharedProject:
    """A 微实事 of method 莞家直达: after its publicity, before its implementation."""

    @pytest.fixture
    async def project(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase, clock: FixedClock
    ) -> Wish:
        """Confirmed on 3 November, its five days of publicity over on the 9th."""
        case = await filed(service, new_case(type="street_light"))
        one = Wish(await sign_in("city"), case["case_no"])
        for to in ("deliberation", "review", "publicity"):
            assert (await one.move(to, fields=FIELDS.get(to))).status_code == 200
        assert (await one.move("claim_pending")).json()["code"] == "publicity_running"
        clock.at = datetime(2026, 11, 9, 9, tzinfo=SHANGHAI)
        assert (await one.move("claim_pending")).status_code == 200
        return one

    async def test_each_step_has_its_own_clock(self, project: Wish, clock: FixedClock) -> None:
        bases = [(await project.shown())["due"]["basis"]]
        for to in ("claim_open", "claimed"):
            assert (await project.move(to, fields=FIELDS[to])).status_code == 200
            bases.append((await project.shown())["due"]["basis"])
        clock.at = datetime(2026, 12, 1, 9, tzinfo=SHANGHAI)
        assert (await project.move("implementation")).status_code == 200
        bases.append((await project.shown())["due"]["basis"])
        assert bases == [
            "11月3日确认，10个工作日内公布项目信息 → 11月17日",
            "11月9日公布，30日内等候认领 → 12月9日",
            "11月9日认领，1个月内启动 → 12月9日",
            "12月1日对接完成，6个月内完工 → 2027年6月1日",
        ]

    async def test_the_fund_steps_in_by_itself(
        self, project: Wish, api_resources: Resources, clock: FixedClock
    ) -> None:
        await project.move("claim_open", fields=FIELDS["claim_open"])
        clock.at = datetime(2026, 12, 10, 0, 1, tzinfo=SHANGHAI)
        assert await release_unclaimed(api_resources) == 1
        case = await project.shown()
        assert case["status"] == "implementation"
        assert case["due"]["basis"].startswith("12月10日转入专项资金，6个月内完工")
