"""Searching and filtering the work list: everything that fits, nothing else, in order, in scope."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases import finding, marks
from backend.cases.models import Case
from backend.cases.work_list import WorkList, WorkListQuery
from backend.core.db import Database
from backend.core.resources import Resources
from backend.staff.rules import StaffMember
from tests.support.api import NOW

TOWN, VILLAGE = "441900119", "441900119011"
OTHER_TOWN, OTHER_VILLAGE = "441900105", "441900105003"
CITY = StaffMember(1, "city-1", "市级", "city")
IN_TOWN = StaffMember(2, "town-1", "镇街", "town", TOWN)
IN_VILLAGE = StaffMember(3, "village-1", "村", "village", TOWN, VILLAGE)
AGENT = StaffMember(4, "agent-1", "坐席", "hotline")
ENDED = ("withdrawn", "merged", "refused", "feedback")
SAID = "涌边的路灯坏了，Ａ栋3楼的老人100%看不见路_昨晚摔了'一跤'；鼋头渚\\旁边"
ADDRESS = "中南路12号（菜市场门口）"


def row(case_id: int, **values: Any) -> dict[str, Any]:
    """A case's columns; the number is not a valid one."""
    return {
        "id": case_id,
        "case_no": f"T{case_id}",
        "category": "weishishi",
        "group": "convenience_works",
        "type": "street_light",
        "status": "received",
        "town": TOWN,
        "village": VILLAGE,
        "description": "路灯坏了",
        "summary": "路灯",
        "groups": [],
        "on_behalf": False,
        "anonymous": False,
        "channel": "webchat",
        "labelled_by": "model",
        "created_at": NOW,
        "updated_at": NOW,
        "entered_at": NOW,
        "due_provisional": False,
        "version": 1,
        "holder": "village",
        **values,
    }


async def store(session: AsyncSession, *rows: dict[str, Any]) -> None:
    """Put rows in, all with the same columns."""
    names = {name for one in rows for name in one}
    empty = dict.fromkeys(names)
    await session.execute(insert(Case), [empty | one for one in rows])


async def found(
    session: AsyncSession, resources: Resources, who: StaffMember, **query: Any
) -> list[int]:
    """The ids of the whole list, page by page."""
    desk, ids, cursor = WorkList(session, resources, who), list[int](), None
    for _ in range(1_000):
        page = await desk.page(WorkListQuery(**query, cursor=cursor))
        ids += [int(case.case_no.removeprefix("T")) for case in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return ids
    raise AssertionError("the list does not end")


class TestMarks:
    async def test_the_database_marks_as_we_do(self, database: Database) -> None:
        draw = random.Random(7)
        letters = marks.COMMON[::9] + marks.SEPARATORS + "鼋渚榭Ａｂ０9Zé🚧％%\\'"
        texts = ["".join(draw.choices(letters, k=draw.randrange(12))) for _ in range(400)]
        async with database.transaction() as session:
            for text in texts:
                both = select(func.guanjia_plain(text), func.guanjia_marks(text))
                plain, kept = (await session.execute(both)).one()
                assert plain == marks.plain(text), text
                wanted = set(marks.marks(text)) | {
                    char
                    for char in marks.plain(text)
                    if char not in marks.COMMON + marks.SEPARATORS
                }
                assert set(kept) == wanted, text

    async def test_all_common_characters_are_common_to_the_database(
        self, database: Database
    ) -> None:
        async with database.transaction() as session:
            alone = " ".join(marks.COMMON + marks.SEPARATORS)
            assert await session.scalar(select(func.guanjia_marks(alone))) == []

    @pytest.mark.parametrize(
        ("term", "followed"),
        [
            ("我们没有个月", ["们没", "有个"]),
            ("孩子摔跤", ["子摔", "摔跤"]),
            ("现在，鼋", ["鼋"]),
            ("没有", ["没有"]),
            ("我们，没有", ["我们", "没有"]),
            ("灯", []),
        ],
    )
    def test_common_pairs_are_not_followed_beside_others(
        self, term: str, followed: list[str]
    ) -> None:
        assert sorted(marks.leading(term)) == sorted(followed)


class TestWords:
    @pytest.mark.parametrize("tab", ["all", "place"])
    async def test_every_part_of_the_text_is_found(
        self, database: Database, api_resources: Resources, tab: str
    ) -> None:
        async with database.transaction() as session:
            await store(
                session,
                row(5, description=SAID, address=ADDRESS, summary="路灯坏了老人摔跤"),
                row(9, description="下水道堵了，味道很大", summary="下水道堵了"),
            )
            for text in (SAID, ADDRESS):
                for size in (1, 2, 3, 5, 9, len(text)):
                    for start in range(len(text) - size + 1):
                        part = text[start : start + size]
                        ids = await found(session, api_resources, IN_VILLAGE, tab=tab, q=part)
                        assert 5 in ids, part

    @pytest.mark.parametrize(
        ("words", "ids"),
        [
            ("路灯 菜市场", [5]),
            ("路灯 下水道", []),
            ("灯路", []),
            ("a栋３楼", [5]),
            ("鼋", [5]),
            ("鳌", []),
            ("%", [5]),
            ("_", [5]),
            ("0_昨", []),
            ("100_", []),
            ("路%灯", []),
            ("'; drop table cases; --", []),
            ("。。", []),
            ("，", [9, 5]),
            ("DG2026-77", [9]),
            ("dg2026-77", [9]),
            ("DG2026-7", []),
        ],
    )
    async def test_and_nothing_else(
        self, database: Database, api_resources: Resources, words: str, ids: list[int]
    ) -> None:
        async with database.transaction() as session:
            await store(
                session,
                row(5, description=SAID, address=ADDRESS),
                row(
                    9,
                    description="下水道堵了，味道很大",
                    summary="下水道",
                    external_ref="DG2026-77",
                ),
            )
            for who in (CITY, IN_TOWN, IN_VILLAGE):
                assert await found(session, api_resources, who, tab="all", q=words) == ids
            for who in (CITY, IN_VILLAGE):
                assert await found(session, api_resources, who, tab="place", q=words) == ids[::-1]

    async def test_pairs_that_never_stand_together_are_no_find(
        self, database: Database, api_resources: Resources
    ) -> None:
        async with database.transaction() as session:
            await store(session, row(5, description="他们没来，我们有事，没有个说法"))
            assert await found(session, api_resources, CITY, tab="all", q="我们没有个") == []
            assert await found(session, api_resources, CITY, tab="all", q="我们 们没 有个") == [5]

    async def test_a_text_that_changes_is_found_by_its_new_words(
        self, database: Database, api_resources: Resources
    ) -> None:
        async with database.transaction() as session:
            await store(session, row(5))
            case = (await session.scalars(select(Case).where(Case.id == 5))).one()
            case.description, case.summary, case.town, case.village = "井盖松了", "井盖", None, None
            await session.flush()
            assert await found(session, api_resources, CITY, tab="all", q="井盖") == [5]
            assert await found(session, api_resources, CITY, tab="all", q="路灯") == []
            assert await found(session, api_resources, CITY, tab="all", town=TOWN) == []


class TestAgainstReadingEverything:
    """Random cases, random questions: the answer is that of looking at every case."""

    async def test_every_list_of_every_role(
        self, database: Database, api_resources: Resources, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(finding, "_NEAR_DUE", 20)
        monkeypatch.setattr(finding, "READ_AT_ONCE", 15)
        draw = random.Random(11)
        rows = [self._case(draw, n) for n in sorted(draw.sample(range(1, 400_000), 300))]
        async with database.transaction() as session:
            await store(session, *rows)
            for _ in range(250):
                who = draw.choice((CITY, IN_TOWN, IN_VILLAGE, AGENT))
                query = self._question(draw)
                ids = await found(session, api_resources, who, **query)
                assert ids == self._read(rows, who, query), (who.role, query)

    @staticmethod
    def _case(draw: random.Random, case_id: int) -> dict[str, Any]:
        place = draw.choice(((TOWN, VILLAGE), (TOWN, None), (OTHER_TOWN, OTHER_VILLAGE)))
        status = draw.choice(("received", "review", *ENDED))
        words = draw.sample(("路灯坏了", "井盖松动", "鼋头渚边", "老人摔跤", "下水道堵"), k=2)
        due = NOW + timedelta(days=draw.randrange(-90, 90), seconds=draw.randrange(3))
        return row(
            case_id,
            status=status,
            holder="nobody" if status in ENDED else draw.choice(("village", "town", "hotline")),
            town=place[0],
            village=place[1],
            type=draw.choice(("street_light", "drainage")),
            description="，".join(words),
            summary=words[0],
            filed_by=draw.choice((None, "agent-1", "agent-2")),
            assignee=draw.choice((None, "village-1", "city-1")),
            urged_at=draw.choice((None, None, NOW)),
            due_at=draw.choice((None, due)),
            external_due_at=draw.choice((None, None, due - timedelta(days=2))),
        )

    @staticmethod
    def _question(draw: random.Random) -> dict[str, Any]:
        words = (None, None, "路灯", "井盖松", "路", "鼋", "路灯 老人", "灯路", "道堵，")
        wish = {
            "q": draw.choice(words),
            "type": draw.choice((None, None, "drainage")),
            "status": draw.choice((None, None, "received", "feedback")),
            "town": draw.choice((None, None, OTHER_TOWN)),
            "assignee": draw.choice((None, None, "city-1")),
            "urged": draw.choice((False, False, True)),
            "tab": draw.choice(("mine", "place", "overdue", "soon", "waiting", "all")),
            "limit": draw.choice((3, 10, 30)),
        }
        return {name: value for name, value in wish.items() if value is not None}

    def _read(
        self, rows: Sequence[dict[str, Any]], who: StaffMember, query: dict[str, Any]
    ) -> list[int]:
        fit = [one for one in rows if self._fits(one, who, query)]
        if query["tab"] == "all":
            return [one["id"] for one in reversed(fit)]
        return [one["id"] for one in sorted(fit, key=lambda one: (self._due(one), one["id"]))]

    @staticmethod
    def _due(one: dict[str, Any]) -> float:
        given = [one[name].timestamp() for name in ("due_at", "external_due_at") if one[name]]
        return min(given, default=float("inf"))

    def _fits(self, one: dict[str, Any], who: StaffMember, query: dict[str, Any]) -> bool:
        said = f"{one['summary']} {one['description']}"
        scope = {
            "city": True,
            "town": one["town"] == who.town,
            "village": one["village"] == who.village,
            "hotline": one["filed_by"] == who.username,
        }[who.role]
        asked = all(
            query.get(name) in (None, one[name]) for name in ("type", "status", "town", "assignee")
        )
        words = all(word in said for word in query.get("q", "").split())
        urged = one["urged_at"] is not None or not query["urged"]
        return scope and asked and words and urged and self._in_tab(one, who, query["tab"])

    def _in_tab(self, one: dict[str, Any], who: StaffMember, tab: str) -> bool:
        own = {"hotline": ("hotline",), "village": ("village", "later"), "town": ("town",)}
        turn, due, now = own.get(who.role, ()), self._due(one), NOW.timestamp()
        return tab == "all" or (
            one["status"] not in ENDED
            and {
                "mine": one["assignee"] == who.username,
                "place": not turn or one["holder"] in turn,
                "waiting": one["holder"] not in turn,
                "overdue": due < now,
                "soon": now <= due < now + 3 * 86_400,
            }[tab]
        )


class TestScope:
    async def test_neither_pages_nor_counts_tell_of_other_places(
        self, database: Database, api_resources: Resources
    ) -> None:
        async with database.transaction() as session:
            elsewhere = {"town": OTHER_TOWN, "village": OTHER_VILLAGE, "description": SAID}
            await store(session, *(row(n, due_at=NOW, **elsewhere) for n in range(1, 40)))
            for who in (IN_TOWN, IN_VILLAGE, AGENT):
                desk = WorkList(session, api_resources, who)
                assert set((await desk.counts()).values()) == {0}
                for query in ({"q": "路灯"}, {"q": "路"}, {"town": OTHER_TOWN}, {"urged": True}):
                    for tab in ("all", "overdue"):
                        page = await desk.page(WorkListQuery(tab=tab, **query))  # type: ignore[arg-type]
                        assert (page.items, page.next_cursor, page.unfinished) == ([], None, False)


class TestReadingCaseByCase:
    async def test_says_that_it_stopped_and_goes_on(
        self, database: Database, api_resources: Resources, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(finding, "READ_AT_ONCE", 10)
        async with database.transaction() as session:
            others = [row(n, description="井盖松了", summary="井盖") for n in range(2, 25)]
            await store(session, row(1), *others)
            desk = WorkList(session, api_resources, CITY)
            seen = []
            page = await desk.page(WorkListQuery(tab="all", q="路"))
            while page.next_cursor:
                assert page.unfinished
                seen.append(len(page.items))
                page = await desk.page(WorkListQuery(tab="all", q="路", cursor=page.next_cursor))
            assert seen == [0, 0]
            assert [case.case_no for case in page.items] == ["T1"]
            assert not page.unfinished
