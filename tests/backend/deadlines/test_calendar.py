"""Working days: the pure calendar, the table, and what staff change in it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.cases.recomputing import recompute_all
from backend.core.clock import SHANGHAI, FixedClock
from backend.core.db import Database
from backend.core.resources import Resources
from backend.deadlines import published
from backend.deadlines.calendar import WorkCalendar
from backend.deadlines.repository import CalendarRepository
from backend.deadlines.rules import Changes, Event, Pause, due
from backend.deadlines.service import RECOMPUTE_TASK, seed
from tests.support.api import SignIn, filed

NewCase = Callable[..., dict[str, Any]]
PUBLISHED = published.published_calendar()


def at(month: int, day: int, year: int = 2026) -> datetime:
    """A morning in Dongguan."""
    return datetime(year, month, day, 10, tzinfo=SHANGHAI)


class TestPublished:
    @pytest.mark.parametrize(
        ("day", "worked"),
        [
            pytest.param(date(2026, 10, 1), False, id="holiday"),
            pytest.param(date(2026, 9, 20), True, id="make-up Sunday"),
            pytest.param(date(2026, 11, 7), False, id="Saturday"),
            pytest.param(date(2027, 1, 1), False, id="fixed holiday without notice"),
            pytest.param(date(2027, 1, 4), True, id="Monday without notice"),
            pytest.param(date(2027, 1, 9), False, id="Saturday without notice"),
        ],
    )
    def test_is_workday(self, day: date, worked: bool) -> None:
        assert PUBLISHED.is_workday(day) is worked

    def test_knows_which_years_have_a_notice(self) -> None:
        assert PUBLISHED.has_notice(2026)
        assert not PUBLISHED.has_notice(2030)

    def test_an_exception_wins(self) -> None:
        day = date(2026, 10, 1)
        assert WorkCalendar({day: True}, frozenset({2026})).is_workday(day)

    def test_counts_the_working_days_between(self) -> None:
        assert PUBLISHED.workdays_between(date(2026, 9, 30), date(2026, 10, 12)) == 4


class TestChanges:
    """Pauses and extensions of one clock."""

    @pytest.mark.parametrize(
        ("event", "start", "changes", "end", "said"),
        [
            pytest.param(
                Event.PROJECT_RECEIVED, at(11, 3), Changes(extra_days=10), date(2026, 11, 28),
                "，延长10日", id="calendar days",
            ),
            pytest.param(
                Event.PLAN_SUBMITTED, at(11, 3), Changes(extra_days=5), date(2026, 11, 17),
                "，延长5个工作日", id="working days",
            ),
            pytest.param(
                Event.PROJECT_RECEIVED, at(11, 3),
                Changes((Pause(date(2026, 11, 5), date(2026, 11, 8)),)), date(2026, 11, 21),
                "，暂停3日", id="three days stood still",
            ),
            pytest.param(
                Event.PLAN_SUBMITTED, at(11, 3),
                Changes((Pause(date(2026, 11, 5), date(2026, 11, 9)),)), date(2026, 11, 12),
                "，暂停2个工作日", id="a weekend in the pause counts nothing",
            ),
            pytest.param(
                Event.PROJECT_RECEIVED, at(11, 3),
                Changes((Pause(date(2026, 11, 3), date(2026, 11, 4)),)), date(2026, 11, 18),
                "", id="the first day is not counted anyway",
            ),
            pytest.param(
                Event.PROJECT_RECEIVED, at(11, 3),
                Changes((Pause(date(2026, 11, 19), date(2026, 11, 30)),)), date(2026, 11, 18),
                "", id="a pause after the end comes too late",
            ),
            pytest.param(
                Event.PROJECT_RECEIVED, at(11, 3),
                Changes(
                    (Pause(date(2026, 11, 19), date(2026, 11, 20)),
                     Pause(date(2026, 11, 10), date(2026, 11, 12))), 0,
                ),
                date(2026, 11, 21), "，暂停3日", id="one pause makes room for the next",
            ),
            pytest.param(
                Event.WORKS_CONFIRMED, at(8, 31),
                Changes((Pause(date(2026, 9, 1), date(2026, 9, 11)),), 20), date(2027, 3, 30),
                "，延长20日，暂停10日", id="months move by days",
            ),
        ],
    )  # fmt: skip
    def test_move_the_last_day(
        self, event: Event, start: datetime, changes: Changes, end: date, said: str
    ) -> None:
        moved = due(event, start, changes=changes)
        assert moved.at.date() == end
        assert f"{said} → " in moved.basis


class TestTable:
    async def test_is_seeded_with_every_published_year(self, database: Database) -> None:
        years = published.published_years()
        async with database.transaction() as session:
            work = await CalendarRepository(session).calendar(years[0], years[-1] + 1)
        assert work == PUBLISHED

    async def test_seeding_again_changes_nothing_and_keeps_what_staff_said(
        self, database: Database, sign_in: SignIn
    ) -> None:
        city = await sign_in("city")
        said = {"is_workday": True, "source": "抗洪值守"}
        assert (await city.put("/calendar/days/2026-10-02", json=said)).status_code == 200
        async with database.transaction() as session:
            assert await seed(session) == 0
            await session.execute(text("delete from calendar_day where date = '2026-11-03'"))
            assert await seed(session) == 1
            work = await CalendarRepository(session).around(date(2026, 1, 1))
        assert work.is_workday(date(2026, 10, 2))
        assert work.has_notice(2026)

    async def test_a_year_lacking_a_day_is_provisional(self, database: Database) -> None:
        async with database.transaction() as session:
            await session.execute(text("delete from calendar_day where date = '2026-11-03'"))
            work = await CalendarRepository(session).around(date(2026, 1, 1))
        assert not work.has_notice(2026)
        assert not work.is_workday(date(2026, 10, 5))
        assert work.is_workday(date(2026, 9, 20))


class TestApi:
    async def test_shows_a_year_with_its_sources(self, service: httpx.AsyncClient) -> None:
        year = (await service.get("/calendar/2026")).json()
        days = {day["date"]: day for day in year["days"]}
        assert (len(days), year["provisional"]) == (365, False)
        assert days["2026-09-20"]["is_workday"] is True
        assert days["2026-09-20"]["source"].startswith("chinesecalendar")
        unknown = (await service.get("/calendar/2031")).json()
        assert unknown["provisional"] is True
        assert {day["source"] for day in unknown["days"]} == {"暂定"}

    @pytest.mark.parametrize("role", ["village", "town", "hotline", "auditor"])
    async def test_only_the_city_changes_it(self, sign_in: SignIn, role: str) -> None:
        staff = await sign_in(role, town="441900119", village="441900119011")
        said = {"is_workday": True, "source": "通知"}
        assert (await staff.put("/calendar/days/2026-10-02", json=said)).status_code == 403

    @pytest.mark.parametrize(
        ("holidays", "make_up_days"),
        [(["2028-01-01"], []), (["2027-01-01"], ["2027-01-01"])],
    )
    async def test_a_notice_names_days_of_its_year_once(
        self, sign_in: SignIn, holidays: list[str], make_up_days: list[str]
    ) -> None:
        notice = {"source": "国办通知", "holidays": holidays, "make_up_days": make_up_days}
        answer = await (await sign_in("city")).put("/calendar/2027", json=notice)
        assert (answer.status_code, answer.json()["code"]) == (400, "day_outside_year")

    async def test_lists_every_clock_with_its_clause(self, service: httpx.AsyncClient) -> None:
        rules = {rule["event"]: rule for rule in (await service.get("/deadline-rules")).json()}
        assert set(rules) == {event.value for event in Event}
        assert rules["project_received"]["clause"] == "自接收之日起15日内…召开城乡社区协商会议"
        assert rules["wish_received"]["local"]


class TestRecomputing:
    async def test_a_notice_that_lands_moves_stored_deadlines(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        api_resources: Resources,
        clock: FixedClock,
        database: Database,
    ) -> None:
        clock.at = at(12, 30)
        wish = {"category": None, "group": None, "town": None, "village": None}
        case = await filed(service, new_case(type="living_aid", **wish))
        assert case["due"]["provisional"] is True
        assert case["due"]["basis"] == "12月30日接收，3个工作日内完成核查 → 2027年1月5日"
        city = await sign_in("city")
        notice = {
            "source": "国办发明电〔2026〕7号",
            "holidays": ["2027-01-01", "2027-01-02", "2027-01-03", "2027-01-04"],
            "make_up_days": ["2027-01-10"],
        }
        assert (await city.put("/calendar/2027", json=notice)).json()["provisional"] is False
        assert await queued(database, RECOMPUTE_TASK) == 1
        assert await recompute_all(api_resources) == 1
        moved = (await city.get(f"/cases/{case['case_no']}")).json()
        assert moved["due"]["basis"] == "12月30日接收，3个工作日内完成核查 → 2027年1月6日"
        assert moved["due"]["provisional"] is False
        events = (await city.get(f"/cases/{case['case_no']}/events")).json()["items"]
        assert (events[-1]["kind"], events[-1]["audience"]) == ("deadline_recomputed", "staff")
        assert await recompute_all(api_resources) == 0

    async def test_a_changed_local_number_moves_them_too(
        self, service: httpx.AsyncClient, new_case: NewCase, api_resources: Resources
    ) -> None:
        wish = {"category": None, "group": None, "town": None, "village": None}
        case = await filed(service, new_case(type="living_aid", **wish))
        settings = api_resources.settings.model_copy(update={"verification_working_days": 5})
        object.__setattr__(api_resources, "settings", settings)
        assert await recompute_all(api_resources) == 1
        shown = (await service.get("/cases", params={"q": case["case_no"]})).json()["items"][0]
        assert shown["due"]["at"].startswith("2026-11-10")


async def queued(database: Database, task: str) -> int:
    """How many jobs of a task wait."""
    async with database.transaction() as session:
        count = text("select count(*) from procrastinate_jobs where task_name = :task")
        return await session.scalar(count, {"task": task}) or 0
