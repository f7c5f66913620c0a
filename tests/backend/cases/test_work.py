"""What staff see and do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.core.clock import FixedClock
from backend.core.db import Database
from backend.staff.models import AuditEntry
from tests.support.api import SignIn, filed

NewCase = Callable[..., dict[str, Any]]
TOWN, VILLAGE = "441900119", "441900119011"
NEIGHBOUR = "441900119002"


async def move(http: httpx.AsyncClient, case: dict[str, Any], to: str, **more: Any) -> Any:
    """Take a step."""
    return await http.post(f"/cases/{case['case_no']}/transitions", json={"to": to, **more})


class TestScope:
    @pytest.mark.parametrize(
        ("role", "place", "sees"),
        [
            pytest.param("city", {}, True, id="city"),
            pytest.param("auditor", {}, True, id="auditor"),
            pytest.param("town", {"town": TOWN}, True, id="its town"),
            pytest.param("town", {"town": "441900003"}, False, id="another town"),
            pytest.param("village", {"town": TOWN, "village": VILLAGE}, True, id="its village"),
            pytest.param("village", {"town": TOWN, "village": NEIGHBOUR}, False, id="neighbour"),
            pytest.param("hotline", {}, False, id="an agent who did not file it"),
        ],
    )
    async def test_one_rule_for_list_page_events_and_reveal(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        role: str,
        place: dict[str, str],
        sees: bool,
    ) -> None:
        case = await filed(service, new_case())
        staff = await sign_in(role, **place)
        path = f"/cases/{case['case_no']}"
        assert len((await staff.get("/cases")).json()["items"]) == int(sees)
        for answer in (await staff.get(path), await staff.get(f"{path}/events")):
            assert answer.status_code == (200 if sees else 404)
        if not sees:
            revealed = await staff.post(f"{path}/reveal", json={"reason": "好奇"})
            assert (revealed.status_code, revealed.json()["code"]) == (404, "case_not_found")

    async def test_an_agent_sees_what_they_filed(self, sign_in: SignIn, new_case: NewCase) -> None:
        agent, other = await sign_in("hotline"), await sign_in("hotline")
        await filed(agent, new_case(channel="hotline"))
        assert len((await agent.get("/cases")).json()["items"]) == 1
        assert len((await other.get("/cases")).json()["items"]) == 0


class TestReveal:
    async def test_shows_the_contact_and_writes_the_reason_down(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        database: Database,
    ) -> None:
        words = "陈女士13800001234，证件44190019900101123X，路灯坏了"
        case = await filed(service, new_case(description=words))
        city = await sign_in("city")
        answer = await city.post(f"/cases/{case['case_no']}/reveal", json={"reason": "核实地点"})
        body = answer.json()
        assert (body["contact_name"], body["contact_phone"]) == ("陈女士", "13800001234")
        assert body["description"] == "陈女士13800001234，证件******************，路灯坏了"
        assert answer.headers["cache-control"] == "no-store"
        async with database.transaction() as session:
            entry = (await session.scalars(select(AuditEntry))).one()
        assert (entry.staff, entry.action, entry.reason) == (
            "city-0",
            "reveal_contact",
            "核实地点",
        )

    async def test_needs_a_reason(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        answer = await (await sign_in("city")).post(
            f"/cases/{case['case_no']}/reveal", json={"reason": " "}
        )
        assert answer.status_code == 422

    @pytest.mark.parametrize("role", ["auditor", "supervisor"])
    async def test_is_not_for_readers(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase, role: str
    ) -> None:
        case = await filed(service, new_case())
        answer = await (await sign_in(role)).post(
            f"/cases/{case['case_no']}/reveal", json={"reason": "审计"}
        )
        assert answer.status_code == 403


class TestHistoryIsAppendOnly:
    @pytest.mark.parametrize("table", ["case_event", "audit_log"])
    @pytest.mark.parametrize(
        "change", ["update {} set at = now()", "delete from {}", "truncate {} cascade"]
    )
    async def test_whoever_writes_to_the_database(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        database: Database,
        table: str,
        change: str,
    ) -> None:
        case = await filed(service, new_case())
        city = await sign_in("city")
        await city.post(f"/cases/{case['case_no']}/reveal", json={"reason": "核实"})
        async with database.sessions() as session:
            with pytest.raises(DBAPIError, match="append-only"):
                await session.execute(text(change.format(table)))


class TestTransitions:
    async def test_the_whole_way_of_a_project(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        clock: FixedClock,
    ) -> None:
        case = await filed(service, new_case())
        city = await sign_in("city")
        seen = []
        for to, days in (
            ("policy_check", 1), ("deliberation", 4), ("review", 2), ("publicity", 6),
            ("implementation", 30), ("settlement", 5), ("completed", 2), ("feedback", 0),
        ):  # fmt: skip
            answer = await move(city, case, to)
            assert answer.status_code == 200, answer.text
            seen.append((to, (answer.json()["due"] or {}).get("basis")))
            clock.at += timedelta(days=days)
        assert seen == [
            ("policy_check", "11月3日接收，15日内召开协商会议 → 11月18日"),
            ("deliberation", "11月3日接收，15日内召开协商会议 → 11月18日"),
            ("review", "11月8日提交实施方案，5个工作日内完成审核 → 11月13日"),
            ("publicity", "11月10日开始公示，不少于5日后公示期满 → 11月15日"),
            ("implementation", "11月10日审核确认，6个月内完工 → 2027年5月10日"),
            ("settlement", None),
            ("completed", "12月21日办结，5个工作日内反馈给您 → 12月28日"),
            ("feedback", None),
        ]
        rated = await service.post(
            f"/cases/{case['case_no']}/ratings",
            json={"channel": "webchat", "conversation_id": "webchat-5f0c", "score": 5},
        )
        assert rated.status_code == 201

    async def test_a_refused_step_lists_the_allowed_ones(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        village = await sign_in("village", town=TOWN, village=VILLAGE)
        for to in ("publicity", "no_such_status"):
            answer = await move(village, case, to)
            body = answer.json()
            assert (answer.status_code, body["code"]) == (409, "transition_not_allowed")
            assert "deliberation" in body["allowed"]
            assert body["current_status"] == "received"

    async def test_five_days_of_publicity_come_before_implementation(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        clock: FixedClock,
    ) -> None:
        """Decision D6."""
        case = await filed(service, new_case())
        city = await sign_in("city")
        for to in ("deliberation", "review", "publicity"):
            await move(city, case, to)
        clock.at += timedelta(days=5)
        early = await move(city, case, "implementation")
        assert (early.status_code, early.json()["code"]) == (409, "publicity_running")
        clock.at += timedelta(days=1)
        assert (await move(city, case, "implementation")).status_code == 200

    async def test_the_note_is_the_reporters_progress_and_the_staff_note_is_not(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        await move(await sign_in("city"), case, "deliberation", note="周五协商", staff_note="难")
        answer = await service.post(
            "/status-queries", json={"channel": "webchat", "conversation_id": "webchat-5f0c"}
        )
        assert answer.json()["progress"] == "周五协商"
        assert "难" not in answer.text

    @pytest.mark.parametrize("to", ["refused", "suspended"])
    async def test_some_steps_must_be_explained(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase, to: str
    ) -> None:
        case = await filed(service, new_case())
        city = await sign_in("city")
        bare = await move(city, case, to)
        assert (bare.status_code, bare.json()["code"]) == (400, "note_needed")
        assert (await move(city, case, to, note="原因")).json()["due"] is None

    async def test_a_suspended_case_comes_back_with_a_new_clock(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        clock: FixedClock,
    ) -> None:
        """Decision D7."""
        case = await filed(service, new_case())
        city = await sign_in("city")
        await move(city, case, "deliberation")
        suspended = await move(city, case, "suspended", note="未达成共识")
        assert suspended.json()["allowed_transitions"] == ["withdrawn", "deliberation"]
        clock.at += timedelta(days=30)
        back = await move(city, case, "deliberation")
        assert back.json()["due"]["basis"] == "12月3日恢复办理，15日内召开协商会议 → 12月18日"

    async def test_merging_names_the_other_case(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        first = await filed(service, new_case(), "a")
        second = await filed(service, new_case(), "b")
        city = await sign_in("city")
        assert (await move(city, second, "merged", note="同一盏灯")).status_code == 400
        itself = await move(city, second, "merged", note="同一盏灯", merged_into=second["case_no"])
        assert itself.status_code == 409
        merged = await move(city, second, "merged", note="同一盏灯", merged_into=first["case_no"])
        assert merged.json()["merged_into"] == first["case_no"]

    async def test_auditors_and_the_service_move_nothing(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        for caller in (service, await sign_in("auditor")):
            assert (await move(caller, case, "deliberation")).status_code == 403


class TestList:
    async def test_pages_are_stable_while_cases_arrive(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        numbers = [(await filed(service, new_case(), f"k{i}"))["case_no"] for i in range(5)]
        first = (await service.get("/cases", params={"limit": 2})).json()
        await filed(service, new_case(), "late")
        second = (
            await service.get("/cases", params={"limit": 2, "cursor": first["next_cursor"]})
        ).json()
        third = (
            await service.get("/cases", params={"limit": 2, "cursor": second["next_cursor"]})
        ).json()
        pages = [*first["items"], *second["items"], *third["items"]]
        assert [case["case_no"] for case in pages] == numbers[::-1]
        assert third["next_cursor"] is None

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ({"type": "road"}, 1),
            ({"category": "weixinyuan"}, 1),
            ({"town": TOWN}, 2),
            ({"village": VILLAGE}, 2),
            ({"status": "received"}, 3),
            ({"status": "completed"}, 0),
            ({"conversation_id": "other"}, 1),
            ({"due_before": "2026-11-10T00:00:00+08:00"}, 1),
            ({"q": "轮椅"}, 1),
            ({"q": "100%"}, 0),
            ({"type": "road", "category": "weixinyuan"}, 0),
        ],
    )
    async def test_filters(
        self,
        service: httpx.AsyncClient,
        new_case: NewCase,
        wanted: dict[str, str],
        found: int,
    ) -> None:
        await filed(service, new_case(), "a")
        await filed(service, new_case(type="road", conversation_id="other"), "b")
        wish = {"category": None, "group": None, "town": None, "village": None}
        await filed(service, new_case(type="living_aid", description="想要轮椅", **wish), "c")
        answer = await service.get("/cases", params=wanted)
        assert len(answer.json()["items"]) == found, answer.text

    @pytest.mark.parametrize("cursor", ["x", "Yw", "YzEuNQ", "Yy0x", "é"])
    async def test_a_foreign_cursor_is_refused(
        self, service: httpx.AsyncClient, cursor: str
    ) -> None:
        answer = await service.get("/cases", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


class TestSimilar:
    async def test_finds_the_same_matter_without_identity(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        same = await filed(service, new_case(), "a")
        await filed(service, new_case(description="公园长椅断了", summary="长椅"), "b")
        await filed(service, new_case(village=NEIGHBOUR), "c")
        answer = await service.get(
            "/cases/similar",
            params={"type": "street_light", "village": VILLAGE, "text": "村口的路灯不亮了"},
        )
        items = answer.json()["items"]
        assert [item["case_no"] for item in items] == [same["case_no"]]
        assert items[0]["score"] > 0.18
        assert "contact" not in answer.text
        assert "conversation" not in answer.text

    async def test_leaves_out_what_has_ended(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        await move(await sign_in("city"), case, "withdrawn")
        answer = await service.get(
            "/cases/similar", params={"type": "street_light", "text": "村口路灯"}
        )
        assert answer.json() == {"items": []}
