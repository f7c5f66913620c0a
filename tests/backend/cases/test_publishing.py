"""What anybody may read of a case follows its status; of most there is never anything."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from backend.cases.models import Publication
from backend.cases.rules import Status
from backend.core.clock import SHANGHAI, FixedClock
from backend.core.db import Database
from backend.staff import rules as staff_rules
from backend.staff.rules import Anybody, Scope, public_section, sees_identity, visible_cases
from tests.backend.cases.test_claims import FIELDS, Wish
from tests.support.api import SignIn, filed

NewCase = Callable[..., dict[str, Any]]
DONE = {
    "settlement": {"finished_on": "2026-12-20", "spent_cny": "251300"},
    "completed": {"audit_result": "审计无异议", "effect": "夜里全线亮灯，居民出行安心。"},
}


@pytest.fixture
def published(database: Database) -> Callable[[], Any]:
    """The only publication there is, or None."""

    async def read() -> Publication | None:
        async with database.transaction() as session:
            return await session.scalar(
                select(Publication).execution_options(populate_existing=True)
            )

    return read


@pytest.fixture
async def project(service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase) -> Wish:
    """A street light whose plan waits for the town."""
    case = await filed(service, new_case(type="street_light"))
    one = Wish(await sign_in("city"), case["case_no"])
    for to in ("deliberation", "review"):
        await one.move(to)
    return one


@pytest.fixture
async def wish(service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase) -> Wish:
    """Somebody's, waiting to be published."""
    body = new_case(type="living_aid", category=None, group=None, address="三巷七号")
    one = Wish(await sign_in("city"), (await filed(service, body))["case_no"])
    for to in ("verification", "assessment", "claim_pending"):
        await one.move(to)
    return one


class TestWhoSeesWhat:
    def test_anybody_sees_no_case_and_no_person(self) -> None:
        assert visible_cases(Anybody()) == Scope()
        assert not sees_identity(Anybody())

    def test_the_table_speaks_of_statuses_that_exist(self) -> None:
        assert {status for _, status in staff_rules._PUBLIC} <= set(Status)

    @pytest.mark.parametrize("status", Status)
    def test_a_wish_is_public_only_while_it_may_be_claimed(self, status: Status) -> None:
        section = public_section("weixinyuan", status)
        assert section == ("hall" if status == Status.CLAIM_OPEN else None)

    @pytest.mark.parametrize("status", Status)
    def test_a_matter_for_another_door_never_is(self, status: Status) -> None:
        assert public_section("out_of_scope", status) is None


class TestAProject:
    async def test_goes_from_notice_to_result(
        self, project: Wish, published: Callable[[], Any], clock: FixedClock
    ) -> None:
        assert await published() is None
        await project.move("publicity", fields=FIELDS["publicity"])
        first = await published()
        assert (first.section, first.words) == ("notice", FIELDS["publicity"])
        clock.at = datetime(2026, 11, 9, 9, tzinfo=SHANGHAI)
        await project.move("implementation")
        assert (await published()).section == "under_way"
        for to, fields in DONE.items():
            assert (await project.move(to, fields=fields)).status_code == 200
        last = await published()
        assert (last.id, last.section) == (first.id, "result")
        assert last.words["effect"] == DONE["completed"]["effect"]
        assert last.words["spent_cny"] == "251300"

    async def test_leaves_the_public_with_an_upheld_objection_and_comes_back_with_new_words(
        self, project: Wish, published: Callable[[], Any]
    ) -> None:
        await project.move("publicity", fields=FIELDS["publicity"])
        await project.move("deliberation", note="异议成立")
        assert (await published()).section is None
        await project.move("review")
        changed = FIELDS["publicity"] | {"content": "只更换三盏"}
        await project.move("publicity", fields=changed)
        again = await published()
        assert (again.section, again.words) == ("notice", changed)

    async def test_without_the_five_fields_nothing_is_published(
        self, project: Wish, published: Callable[[], Any]
    ) -> None:
        assert (await project.move("publicity")).status_code == 200
        assert await published() is None

    async def test_words_that_name_somebody_are_refused_at_the_step(
        self, project: Wish, published: Callable[[], Any]
    ) -> None:
        named = FIELDS["publicity"] | {"benefiting": "陈女士一家，电话13800001234"}
        refused = await project.move("publicity", fields=named)
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["benefiting"])
        assert (await project.shown())["status"] == "review"
        assert await published() is None


class TestAWish:
    async def test_is_in_the_hall_with_its_town_and_the_words_written_for_it(
        self, wish: Wish, published: Callable[[], Any]
    ) -> None:
        await wish.move("claim_open", fields=FIELDS["claim_open"])
        row = await published()
        assert (row.section, row.village) == ("hall", None)
        assert set(row.words) == {"public_title", "public_text"}

    async def test_leaves_it_when_claimed_and_is_back_when_the_claimant_leaves(
        self, wish: Wish, published: Callable[[], Any]
    ) -> None:
        await wish.move("claim_open", fields=FIELDS["claim_open"])
        await wish.move("claimed", fields=FIELDS["claimed"])
        assert (await published()).section is None
        await wish.move("claim_open", note="企业退出")
        assert (await published()).section == "hall"

    @pytest.mark.parametrize("to", ["suspended", "withdrawn"])
    async def test_leaves_it_when_the_case_stops(
        self, wish: Wish, published: Callable[[], Any], to: str
    ) -> None:
        await wish.move("claim_open", fields=FIELDS["claim_open"])
        assert (await wish.move(to)).status_code == 200
        assert (await published()).section is None

    async def test_leaves_it_when_its_owner_takes_it_back(
        self, wish: Wish, service: httpx.AsyncClient, published: Callable[[], Any]
    ) -> None:
        await wish.move("claim_open", fields=FIELDS["claim_open"])
        shown = await wish.shown()
        proof = {"channel": "webchat", "conversation_id": shown["conversation_id"]}
        answer = await service.post(f"/cases/{wish.case_no}/withdrawal", json=proof)
        assert answer.status_code == 200, answer.text
        assert (await published()).section is None
