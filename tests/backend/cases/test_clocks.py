"""Pauses, extensions, reminders, escalation, follow-ups, reopening."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from backend.cases.reminders import Horizon, Level, Stage, level, stages
from backend.cases.rules import Status
from backend.cases.tasks import keep_deadlines, remind
from backend.core.clock import SHANGHAI, FixedClock
from backend.core.resources import Resources
from backend.deadlines.published import published_calendar
from tests.support.api import SignIn, filed

NewCase = Callable[..., dict[str, Any]]
TOWN, VILLAGE = "441900119", "441900119011"
WHY = {"reason": "等候供电部门勘查"}
MINE = {"channel": "webchat", "conversation_id": "webchat-5f0c"}
HORIZON = Horizon(before=2, town=2, city=5)


async def move(http: httpx.AsyncClient, case: dict[str, Any], *steps: str) -> Any:
    """Take steps one after the other."""
    for to in steps:
        answer = await http.post(
            f"/cases/{case['case_no']}/transitions", json={"to": to, "note": "说明"}
        )
        assert answer.status_code == 200, answer.text
    return answer.json()


class TestPauseAndExtension:
    async def test_an_extension_names_its_approver_and_is_explained(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        town = await sign_in("town", town=TOWN)
        path = f"/cases/{case['case_no']}"
        wish = WHY | {"days": 10, "note": "需要勘查，延长10天"}
        answer = await town.post(f"{path}/deadline/extensions", json=wish)
        assert answer.status_code == 201, answer.text
        assert answer.json()["due"]["basis"] == (
            "11月3日接收，15日内召开协商会议，延长10日 → 11月28日"
        )
        events = (await town.get(f"{path}/events")).json()["items"]
        told = [(e["kind"], e["audience"], e["note"], e["by"]) for e in events[1:]]
        assert told == [
            ("deadline_extended", "staff", "等候供电部门勘查", "经办人town-0"),
            ("deadline_extended", "public", "需要勘查，延长10天", "经办人town-0"),
        ]

    async def test_a_paused_clock_has_no_due_date_and_loses_no_days(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        clock: FixedClock,
    ) -> None:
        case = await filed(service, new_case())
        town = await sign_in("town", town=TOWN)
        path = f"/cases/{case['case_no']}/deadline"
        clock.at += timedelta(days=2)
        paused = (await town.post(f"{path}/pauses", json=WHY)).json()
        assert paused["due"] is None
        assert paused["due_paused_since"].startswith("2026-11-05")
        again = await town.post(f"{path}/pauses", json=WHY)
        assert (again.status_code, again.json()["code"]) == (409, "deadline_paused")
        clock.at += timedelta(days=4)
        resumed = (await town.post(f"{path}/resumptions", json=WHY)).json()
        assert resumed["due"]["basis"] == "11月3日接收，15日内召开协商会议，暂停4日 → 11月22日"
        assert resumed["due_paused_since"] is None
        running = await town.post(f"{path}/resumptions", json=WHY)
        assert (running.status_code, running.json()["code"]) == (409, "no_deadline")

    async def test_a_clock_that_runs_on_keeps_them_and_a_new_one_does_not(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        city = await sign_in("city")
        path = f"/cases/{case['case_no']}/deadline/extensions"
        await city.post(path, json=WHY | {"days": 10})
        assert "延长10日" in (await move(city, case, "deliberation"))["due"]["basis"]
        assert "延长" not in (await move(city, case, "review"))["due"]["basis"]

    @pytest.mark.parametrize(
        ("role", "place", "status"),
        [
            ("village", {"town": TOWN, "village": VILLAGE}, 403),
            ("town", {"town": "441900003"}, 404),
            ("auditor", {}, 403),
        ],
    )
    async def test_is_for_the_town_and_the_city(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        role: str,
        place: dict[str, str],
        status: int,
    ) -> None:
        case = await filed(service, new_case())
        staff = await sign_in(role, **place)
        for what in ("pauses", "resumptions"):
            answer = await staff.post(f"/cases/{case['case_no']}/deadline/{what}", json=WHY)
            assert answer.status_code == status

    async def test_needs_a_clock_and_a_reason(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        city = await sign_in("city")
        path = f"/cases/{case['case_no']}/deadline/extensions"
        assert (await city.post(path, json={"days": 3, "reason": " "})).status_code == 422
        assert (await city.post(path, json=WHY | {"days": 0})).status_code == 422
        await move(city, case, "suspended")
        answer = await city.post(path, json=WHY | {"days": 3})
        assert (answer.status_code, answer.json()["code"]) == (409, "no_deadline")


class TestStages:
    """Due on Wednesday, 18 November 2026."""

    @pytest.mark.parametrize(
        ("today", "reached"),
        [
            (date(2026, 11, 13), ()),
            (date(2026, 11, 16), ("before",)),
            (date(2026, 11, 17), ("before",)),
            (date(2026, 11, 18), ("on",)),
            (date(2026, 11, 19), ("after",)),
            (date(2026, 11, 20), ("after", "escalated_town")),
            (date(2026, 11, 22), ("after", "escalated_town")),
            (date(2026, 11, 25), ("after", "escalated_town", "escalated_city")),
        ],
    )
    def test_are_reached_by_working_days(self, today: date, reached: tuple[Stage, ...]) -> None:
        assert stages(date(2026, 11, 18), today, published_calendar(), HORIZON) == reached

    @pytest.mark.parametrize(
        ("stage", "status", "town", "village", "told"),
        [
            ("before", Status.RECEIVED, TOWN, VILLAGE, "village"),
            ("after", Status.REVIEW, TOWN, VILLAGE, "town"),
            ("escalated_town", Status.RECEIVED, TOWN, VILLAGE, "town"),
            ("escalated_town", Status.REVIEW, TOWN, VILLAGE, None),
            ("escalated_city", Status.REVIEW, TOWN, VILLAGE, "city"),
            ("before", Status.RECEIVED, TOWN, None, "town"),
            ("before", Status.RECEIVED, None, None, "city"),
            ("escalated_city", Status.RECEIVED, None, None, None),
        ],
    )
    def test_go_up_from_who_is_responsible(
        self, stage: Stage, status: Status, town: str, village: str, told: Level | None
    ) -> None:
        assert level(stage, status, town, village) == told


class TestReminders:
    async def test_come_once_a_day_and_stage_and_go_up(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        api_resources: Resources,
        clock: FixedClock,
    ) -> None:
        await filed(service, new_case())
        seen = []
        for day in range(16, 29):
            clock.at = datetime(2026, 11, day, 9, tzinfo=SHANGHAI)
            told = await remind(api_resources)
            assert await remind(api_resources) == 0
            seen.append((day, told))
        assert [pair for pair in seen if pair[1]] == [(16, 1), (18, 1), (19, 1), (20, 1), (25, 1)]
        village = await sign_in("village", town=TOWN, village=VILLAGE)
        listed = (await village.get("/reminders")).json()["items"]
        assert [(r["stage"], r["level"]) for r in listed] == [
            ("escalated_city", "city"), ("escalated_town", "town"),
            ("after", "village"), ("on", "village"), ("before", "village"),
        ]  # fmt: skip
        assert listed[0]["text"] == "召开协商会议：11月18日到期，超期未办，提请市级督办"
        city = await sign_in("city")
        for_city = (await city.get("/reminders", params={"level": "city"})).json()["items"]
        assert [r["stage"] for r in for_city] == ["escalated_city"]
        stranger = await sign_in("town", town="441900003")
        assert (await stranger.get("/reminders")).json()["items"] == []

    async def test_wait_for_the_morning(self, api_resources: Resources, clock: FixedClock) -> None:
        clock.at = datetime(2026, 11, 16, 7, 59, tzinfo=SHANGHAI)
        assert await remind(api_resources) == 0

    async def test_leave_out_paused_clocks_and_ended_cases(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        api_resources: Resources,
        clock: FixedClock,
    ) -> None:
        paused = await filed(service, new_case(), "a")
        ended = await filed(service, new_case(), "b")
        city = await sign_in("city")
        await city.post(f"/cases/{paused['case_no']}/deadline/pauses", json=WHY)
        await move(city, ended, "refused")
        clock.at = datetime(2026, 12, 1, 9, tzinfo=SHANGHAI)
        assert await remind(api_resources) == 0

    async def test_the_hotlines_nearer_deadline_is_the_one(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        api_resources: Resources,
        clock: FixedClock,
    ) -> None:
        """Decision D8."""
        await filed(service, new_case(external_due="2026-11-10T18:00:00+08:00"))
        clock.at = datetime(2026, 11, 10, 9, tzinfo=SHANGHAI)
        assert await remind(api_resources) == 1
        listed = (await (await sign_in("city")).get("/reminders")).json()["items"]
        assert [(r["stage"], r["what"]) for r in listed] == [("on", "12345工单办结")]

    async def test_publicity_is_told_on_its_last_day_only(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        api_resources: Resources,
        clock: FixedClock,
    ) -> None:
        case = await filed(service, new_case())
        await move(await sign_in("city"), case, "deliberation", "review", "publicity")
        told = []
        for day in range(5, 14):
            clock.at = datetime(2026, 11, day, 9, tzinfo=SHANGHAI)
            told.append(await remind(api_resources))
        assert told == [0, 0, 0, 1, 0, 0, 0, 0, 0]


class TestKeeping:
    async def test_works_each_state_of_rules_and_calendar_once(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        api_resources: Resources,
    ) -> None:
        await filed(service, new_case(type="living_aid", category=None, group=None))
        assert await keep_deadlines(api_resources) == 0
        city = await sign_in("city")
        said = {"is_workday": False, "source": "台风停工"}
        await city.put("/calendar/days/2026-11-05", json=said)
        assert await keep_deadlines(api_resources) == 1
        assert await keep_deadlines(api_resources) == 0


class TestFollowUp:
    @pytest.fixture
    async def finished(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> dict[str, Any]:
        """A case whose result was told."""
        case = await filed(service, new_case(type="living_aid", category=None, group=None))
        city = await sign_in("city")
        await move(city, case, "verification", "assessment", "aid", "completed", "feedback")
        return case

    async def rate(
        self, service: httpx.AsyncClient, case: dict[str, Any], score: int, **more: Any
    ) -> dict[str, Any]:
        answer = await service.post(
            f"/cases/{case['case_no']}/ratings", json=MINE | {"score": score} | more
        )
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    @pytest.mark.parametrize(("score", "opened"), [(1, 1), (2, 1), (3, 0), (5, 0)])
    async def test_a_low_rating_opens_one_with_its_own_clock(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        finished: dict[str, Any],
        score: int,
        opened: int,
    ) -> None:
        rated = await self.rate(service, finished, score)
        await self.rate(service, finished, score)
        assert rated["status"] == "feedback"
        village = await sign_in("village", town=TOWN, village=VILLAGE)
        listed = (await village.get("/follow-ups")).json()["items"]
        assert len(listed) == opened
        if opened:
            assert listed[0]["due"]["basis"] == (
                "11月3日收到不满意评价，3个工作日内完成回访 → 11月6日"
            )

    async def test_is_closed_once_with_its_outcome(
        self, service: httpx.AsyncClient, sign_in: SignIn, finished: dict[str, Any]
    ) -> None:
        await self.rate(service, finished, 1)
        village = await sign_in("village", town=TOWN, village=VILLAGE)
        task = (await village.get("/follow-ups")).json()["items"][0]
        path = f"/follow-ups/{task['id']}/done"
        done = {"outcome": "resolved", "note": "已说明，13800001234"}
        assert (await village.post(path, json=done)).json()["note"] == "已说明，*******1234"
        assert (await village.post(path, json=done)).json()["code"] == "follow_up_closed"
        assert (await village.get("/follow-ups")).json()["items"] == []
        stranger = await sign_in("town", town="441900003")
        assert (await stranger.post(path, json=done)).status_code == 404

    async def test_not_solved_reopens_within_the_window(
        self, service: httpx.AsyncClient, sign_in: SignIn, finished: dict[str, Any]
    ) -> None:
        rated = await self.rate(service, finished, 3, resolved=False)
        assert rated["status"] == "redo"
        city = await sign_in("city")
        assert (await city.get("/follow-ups")).json()["items"] == []
        event = (await city.get(f"/cases/{finished['case_no']}/events")).json()["items"][-1]
        assert (event["to_status"], event["note"]) == ("redo", "您反映还没有解决，已重新办理")
        assert (await move(city, finished, "aid"))["due"]["basis"].startswith("11月3日确定办理")

    async def test_not_solved_after_the_window_is_a_call(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        finished: dict[str, Any],
        clock: FixedClock,
    ) -> None:
        clock.at += timedelta(days=31)
        rated = await self.rate(service, finished, 4, resolved=False)
        assert rated["status"] == "feedback"
        listed = (await (await sign_in("city")).get("/follow-ups")).json()["items"]
        assert [task["reason"] for task in listed] == ["unresolved"]

    async def test_a_follow_up_is_reminded_of_like_a_deadline(
        self,
        service: httpx.AsyncClient,
        finished: dict[str, Any],
        sign_in: SignIn,
        api_resources: Resources,
        clock: FixedClock,
    ) -> None:
        await self.rate(service, finished, 1)
        clock.at = datetime(2026, 11, 6, 9, tzinfo=SHANGHAI)
        assert await remind(api_resources) == 1
        listed = (await (await sign_in("city")).get("/reminders")).json()["items"]
        assert (listed[0]["stage"], listed[0]["what"]) == ("on", "完成回访")


class TestGuards:
    async def test_a_wish_is_verified_before_it_is_assessed(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case(type="living_aid", category=None, group=None))
        city = await sign_in("city")
        await move(city, case, "policy_check", "policy_handling")
        path = f"/cases/{case['case_no']}/transitions"
        early = await city.post(path, json={"to": "assessment"})
        assert (early.status_code, early.json()["code"]) == (409, "not_verified")
        await move(city, case, "verification", "assessment", "verification", "assessment", "aid")

    async def test_an_upheld_objection_goes_back_to_the_meeting(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase, clock: FixedClock
    ) -> None:
        """Decision D6."""
        case = await filed(service, new_case())
        city = await sign_in("city")
        await move(city, case, "deliberation", "review", "publicity")
        clock.at += timedelta(days=3)
        back = await move(city, case, "deliberation")
        assert back["due"]["basis"] == "11月6日公示退回，15日内召开协商会议 → 11月21日"

    async def test_a_matter_that_comes_back_can_be_referred_again(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        matter = {"type": "petition", "category": None, "group": None}
        case = await filed(service, new_case(**matter))
        city = await sign_in("city")
        await move(city, case, "referred", "received", "referred", "feedback", "referred")
