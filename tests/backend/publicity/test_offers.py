"""Somebody wants to claim: an offer becomes a task for the staff, and nobody else reads it."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from backend.cases.models import Case, ClaimOffer
from backend.cases.reminder_inbox import ReminderInbox
from backend.core.clock import FixedClock
from backend.core.db import Database
from backend.core.resources import Resources
from backend.operation.cleaning import clean
from backend.staff.rules import StaffMember
from tests.backend.cases.test_claims import FIELDS, Wish
from tests.support.staff import Browser, OpenBrowser, browser, open_browser

__all__ = ["open_browser"]
OFFER = {"kind": "爱心企业", "name": "东莞某某有限公司", "phone": "13900007788", "consent": "yes"}
TOWN = StaffMember(1, "t", "镇街经办人", "town", town="441900119")


class Visitor:
    """Anybody's browser on the public pages."""

    def __init__(self, one: Browser, number: int) -> None:
        self._one = one
        self.path = f"/public/items/{number}"

    async def page(self) -> str:
        """What is to claim."""
        return (await self._one.get(self.path)).text

    async def offer(self, **changes: str | None) -> httpx.Response:
        """Fill in the form and send it."""
        found = re.search(r'name="csrf" value="(\w+)"', await self.page())
        fields = {"csrf": found[1] if found else "", **OFFER, **changes}
        data = {name: value for name, value in fields.items() if value is not None}
        return await self._one.http.post(f"{self.path}/offers", data=data)


@pytest.fixture
async def visitor(
    app: FastAPI, api_resources: Resources, public: httpx.AsyncClient, in_the_hall: Wish
) -> Any:
    """Somebody who has found the wish."""
    listed = (await public.get("/public/publications", params={"section": "hall"})).json()
    one = browser(app, None, api_resources.settings)
    yield Visitor(one, listed["items"][0]["number"])
    await one.http.aclose()


async def offers(database: Database) -> list[ClaimOffer]:
    """All that were left."""
    async with database.transaction() as session:
        rows = await session.scalars(select(ClaimOffer).execution_options(populate_existing=True))
        return list(rows)


async def told(resources: Resources) -> list[str]:
    """What the town's staff are reminded of."""
    async with resources.database.transaction() as session:
        return [one.reminder.text for one in await ReminderInbox(session, resources, TOWN).unread()]


class TestLeaving:
    async def test_thanks_and_says_what_comes(self, visitor: Visitor) -> None:
        answer = await visitor.offer()
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            f"{visitor.path}?ok=offer#offer",
        )

    async def test_is_stored_sealed_and_shown_to_no_visitor(
        self, visitor: Visitor, database: Database
    ) -> None:
        await visitor.offer()
        (row,) = await offers(database)
        assert OFFER["phone"] not in row.contact + row.phone_hash
        shown = await visitor.page()
        assert "某某有限公司" not in shown
        assert "7788" not in shown

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"kind": None}, "请选择您是哪一类"),
            ({"kind": "路人"}, "请选择您是哪一类"),
            ({"name": " "}, "请填写名称或称呼"),
            ({"phone": "1234"}, "请填写能打通的电话号码"),
            ({"phone": "打我"}, "请填写能打通的电话号码"),
            ({"consent": None}, "要先勾选同意"),
        ],
    )
    async def test_what_is_missing_is_said_and_what_was_typed_stays(
        self, visitor: Visitor, database: Database, changes: dict[str, str | None], why: str
    ) -> None:
        answer = await visitor.offer(**changes)
        assert answer.status_code == 400
        assert why in answer.text
        if "name" not in changes:
            assert OFFER["name"] in answer.text
        assert await offers(database) == []

    @pytest.mark.parametrize("name", ["a\x00b", "\ud7ff" * 300, "<script>alert(1)</script>"])
    async def test_odd_names_are_an_answer_and_never_markup(
        self, visitor: Visitor, name: str
    ) -> None:
        answer = await visitor.offer(name=name, phone="1")
        assert answer.status_code == 400
        assert "<script>alert" not in answer.text

    async def test_a_file_is_no_form(self, visitor: Visitor) -> None:
        answer = await visitor._one.http.post(
            f"{visitor.path}/offers", files={"name": ("a.txt", b"x")}
        )
        assert answer.status_code == 400

    async def test_a_form_of_another_site_is_not_taken(
        self, visitor: Visitor, database: Database
    ) -> None:
        answer = await visitor.offer(csrf="x")
        assert answer.status_code == 403
        assert "请再点一次" in answer.text
        assert await offers(database) == []

    async def test_the_same_number_again_says_nothing_new(
        self, visitor: Visitor, database: Database, in_the_hall: Wish
    ) -> None:
        for phone in ("13900007788", "139 0000 7788", "+86 13900007788"):
            assert (await visitor.offer(phone=phone)).status_code == 303
        assert len(await offers(database)) == 1
        events = (await in_the_hall._http.get(f"/cases/{in_the_hall.case_no}/events")).json()
        assert [one["kind"] for one in events["items"]].count("claim_offered") == 1

    async def test_one_number_cannot_go_on_for_ever(
        self, visitor: Visitor, clock: FixedClock
    ) -> None:
        answers = [(await visitor.offer()).status_code for _ in range(6)]
        assert answers == [303] * 5 + [429]
        clock.at += timedelta(days=1, seconds=1)
        assert (await visitor.offer()).status_code == 303

    async def test_what_was_claimed_meanwhile_takes_none(
        self, visitor: Visitor, in_the_hall: Wish, database: Database
    ) -> None:
        found = re.search(r'name="csrf" value="(\w+)"', await visitor.page())
        assert found
        await in_the_hall.move("claimed", fields=FIELDS["claimed"])
        answer = await visitor._one.http.post(
            f"{visitor.path}/offers", data={"csrf": found[1], **OFFER}
        )
        assert answer.status_code == 404
        assert await offers(database) == []


class TestStaff:
    async def test_the_town_is_reminded_until_the_offer_is_answered(
        self, visitor: Visitor, api_resources: Resources, open_browser: OpenBrowser,
        in_the_hall: Wish, database: Database,
    ) -> None:  # fmt: skip
        await visitor.offer()
        town = await open_browser("town", town="441900119")
        assert await told(api_resources) == ["有人想认领，留下了电话，请尽快联系"]
        (row,) = await offers(database)
        path = f"/staff/cases/{in_the_hall.case_no}"
        answer = await town.post(f"{path}/offers/{row.id}", outcome="agreed")
        assert answer.status_code == 303, answer.text
        assert await told(api_resources) == []
        assert "愿意认领" in (await town.get(path)).text

    async def test_the_number_is_masked_until_it_is_asked_for_with_a_reason(
        self, visitor: Visitor, open_browser: OpenBrowser, in_the_hall: Wish
    ) -> None:
        await visitor.offer()
        town = await open_browser("town", town="441900119")
        path = f"/staff/cases/{in_the_hall.case_no}"
        shown = (await town.get(path)).text
        assert "139****7788" in shown
        assert "13900007788" not in shown
        revealed = (await town.post(f"{path}/reveal", reason="联系认领方")).text
        assert "13900007788" in revealed
        assert OFFER["name"] in revealed

    @pytest.mark.parametrize("role", ["supervisor", "auditor"])
    async def test_who_may_not_see_people_sees_no_offer(
        self, visitor: Visitor, open_browser: OpenBrowser, in_the_hall: Wish, role: str
    ) -> None:
        await visitor.offer()
        reader = await open_browser(role)
        shown = (await reader.get(f"/staff/cases/{in_the_hall.case_no}")).text
        assert "7788" not in shown
        assert "东**" not in shown

    async def test_another_town_cannot_answer_it(
        self, visitor: Visitor, open_browser: OpenBrowser, in_the_hall: Wish, database: Database
    ) -> None:
        await visitor.offer()
        (row,) = await offers(database)
        other = await open_browser("town", town="441900003")
        path = f"/staff/cases/{in_the_hall.case_no}/offers/{row.id}"
        assert (await other.post(path, outcome="declined")).status_code == 404
        assert (await offers(database))[0].closed_at is None

    async def test_a_public_number_finds_its_case(
        self, visitor: Visitor, open_browser: OpenBrowser, in_the_hall: Wish
    ) -> None:
        town = await open_browser("town", town="441900119")
        number = visitor.path.rpartition("/")[2]
        for typed in (f"公开编号第{number}号", f"公示{number}", f"第 {number} 号"):
            assert in_the_hall.case_no in (await town.get("/staff", tab="all", q=typed)).text
        other = await open_browser("town", town="441900003")
        assert (
            in_the_hall.case_no
            not in (await other.get("/staff", tab="all", q=f"第{number}号")).text
        )


class TestForgetting:
    async def test_an_offer_lapses_with_the_claim_and_is_forgotten_after_half_a_year(
        self, visitor: Visitor, in_the_hall: Wish, database: Database, clock: FixedClock,
        api_resources: Resources,
    ) -> None:  # fmt: skip
        await visitor.offer()
        await in_the_hall.move("claimed", fields=FIELDS["claimed"])
        assert [row.outcome for row in await offers(database)] == ["lapsed"]
        clock.at += timedelta(days=180, seconds=1)
        assert (await clean(api_resources))["claim_offers"] == 1
        async with database.transaction() as session:
            assert await session.scalar(select(Case.id)) is not None
