"""Filing a case."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from backend.cases.filing import CaseFiling
from backend.cases.models import Case, CaseEvent
from backend.cases.schemas import CaseCreate
from backend.core.db import Database
from backend.core.resources import Resources
from backend.staff.rules import Service
from tests.support.api import SignIn, filed

NewCase = Callable[..., dict[str, Any]]


async def only_case(database: Database) -> Case:
    """The one case there is."""
    async with database.transaction() as session:
        return (await session.scalars(select(Case))).one()


class TestAnswer:
    async def test_has_number_labels_and_legal_date(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        assert case["case_no"].startswith("WSS261103")
        assert case["type_label"] == "道路路灯"
        assert (case["status"], case["status_label"]) == ("received", "已接收")
        assert case["place"] == "长安镇上沙社区"
        assert case["created_at"] == "2026-11-03T10:00:00+08:00"
        assert case["due"] == {
            "what": "召开协商会议",
            "at": "2026-11-18T23:59:59+08:00",
            "basis": "11月3日接收，15日内召开协商会议 → 11月18日",
            "provisional": False,
            "local": None,
        }
        assert case["progress"] == "村（社区）正在处理中，将在11月18日前召开协商会议"

    async def test_a_wish_is_verified_within_three_working_days(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(
            service, new_case(type="medical_aid", category="weixinyuan", group="hardship_aid")
        )
        assert case["case_no"].startswith("WXY")
        assert case["due"]["at"] == "2026-11-06T23:59:59+08:00"
        assert case["due"]["local"] == "核查期限方案未规定"

    async def test_a_matter_out_of_scope_is_a_referral_record_without_a_clock(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(
            service, new_case(type="petition", category="out_of_scope", group="redirect")
        )
        assert case["case_no"].startswith("ZYZ")
        assert case["due"] is None
        assert case["progress"] == "已登记，正在转给对应部门"

    async def test_the_nearer_deadline_of_the_hotline_is_shown(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        """Decision D8."""
        ticket = new_case(external_ref="A-77", external_due="2026-11-05T18:00:00+08:00")
        case = await filed(service, ticket)
        assert case["external_ref"] == "A-77"
        assert case["due"]["at"] == "2026-11-05T18:00:00+08:00"
        assert case["due"]["what"] == "12345工单办结"

    async def test_a_first_note_is_the_progress(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case(progress="已联系电工，明早到场"))
        assert case["progress"] == "已联系电工，明早到场"

    async def test_category_group_and_town_follow_from_the_rest(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case(category=None, group=None, town=None, summary=None))
        assert (case["category"], case["group"]) == ("weishishi", "convenience_works")
        assert case["town"] == "441900119"
        assert case["summary"] == case["description"]

    async def test_a_place_may_be_unknown(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case(town=None, village=None))
        assert (case["town"], case["place"]) == (None, "")


class TestPrivacy:
    async def test_the_contact_is_masked(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        assert (case["contact_name"], case["contact_phone"]) == ("陈**", "138****1234")

    async def test_nothing_of_it_is_readable_at_rest(
        self, service: httpx.AsyncClient, new_case: NewCase, database: Database
    ) -> None:
        secret = "我叫陈小美，13800001234，身份证44190019900101123X，路灯坏了"
        await filed(service, new_case(description=secret, contact_name="陈小美", summary=secret))
        case = await only_case(database)
        stored = " ".join(str(value) for value in vars(case).values())
        assert "13800001234" not in stored
        assert "44190019900101123X" not in stored
        assert case.contact is not None
        assert case.phone_hash is not None

    async def test_equal_phones_are_found_by_their_hash(
        self, service: httpx.AsyncClient, new_case: NewCase, database: Database
    ) -> None:
        await filed(service, new_case(contact_phone="+86 138-0000-1234"), "a")
        await filed(service, new_case(contact_phone="１３８００００１２３４"), "b")
        async with database.transaction() as session:
            hashes = set(await session.scalars(select(Case.phone_hash)))
        assert len(hashes) == 1

    async def test_an_anonymous_case_has_no_contact(
        self, service: httpx.AsyncClient, new_case: NewCase, database: Database
    ) -> None:
        await filed(service, new_case(contact_name=None, contact_phone="", anonymous=True))
        case = await only_case(database)
        assert (case.contact, case.phone_hash, case.proof_hash) == (None, None, None)


class TestIdempotency:
    async def test_the_same_key_is_the_same_case(
        self, service: httpx.AsyncClient, new_case: NewCase, database: Database
    ) -> None:
        first = await filed(service, new_case(), "key-1")
        again = await service.post("/cases", json=new_case(), headers={"Idempotency-Key": "key-1"})
        assert (again.status_code, again.json()) == (201, first)
        assert again.headers["idempotent-replay"] == "true"
        await only_case(database)

    async def test_another_body_under_it_is_refused(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        await filed(service, new_case(), "key-1")
        other = await service.post(
            "/cases", json=new_case(address="别处"), headers={"Idempotency-Key": "key-1"}
        )
        assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")

    async def test_keys_of_different_callers_are_apart(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        agent = await sign_in("hotline")
        mine = await filed(agent, new_case(channel="hotline"), "key-1")
        theirs = await filed(service, new_case(), "key-1")
        assert mine["case_no"] != theirs["case_no"]

    @pytest.mark.parametrize("key", [None, "", "a b", "x" * 201])
    async def test_a_key_is_needed(
        self, service: httpx.AsyncClient, new_case: NewCase, key: str | None
    ) -> None:
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = await service.post("/cases", json=new_case(), headers=headers)
        assert answer.status_code == 422

    async def test_parallel_requests_under_one_key_file_once(
        self, api_resources: Resources, committed: Database, new_case: NewCase
    ) -> None:
        resources = replace(api_resources, database=committed)

        async def file() -> str:
            async with committed.transaction() as session:
                filing = CaseFiling(session, resources)
                case, _ = await filing.file(CaseCreate(**new_case()), Service(), "same")
                return case.case_no

        assert len(set(await asyncio.gather(*(file() for _ in range(8))))) == 1
        await only_case(committed)


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            pytest.param({"type": "nothing"}, 400, "unknown_code", id="no such type"),
            pytest.param({"category": "weixinyuan"}, 400, "type_mismatch", id="other category"),
            pytest.param({"group": "redirect"}, 400, "type_mismatch", id="other group"),
            pytest.param({"town": "441900999", "village": None}, 400, "unknown_code", id="no town"),
            pytest.param({"village": "441900119999"}, 400, "unknown_code", id="no village"),
            pytest.param({"town": "441900003"}, 400, "unknown_code", id="village elsewhere"),
            pytest.param({"description": "  "}, 422, "malformed", id="blank description"),
            pytest.param({"description": "路" * 20_001}, 422, "malformed", id="too long"),
            pytest.param({"contact_phone": "123"}, 422, "malformed", id="no phone"),
            pytest.param({"beneficiaries": -1}, 422, "malformed", id="negative"),
            pytest.param({"confidence": 1.1}, 422, "malformed", id="confidence above 1"),
            pytest.param({"channel": "fax"}, 422, "malformed", id="unknown channel"),
            pytest.param({"groups": ["rich"]}, 422, "malformed", id="unknown group of people"),
        ],
    )
    async def test_what_cannot_be_filed(
        self,
        service: httpx.AsyncClient,
        new_case: NewCase,
        change: dict[str, Any],
        status: int,
        code: str,
    ) -> None:
        answer = await service.post(
            "/cases", json=new_case(**change), headers={"Idempotency-Key": "k"}
        )
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    async def test_an_auditor_files_nothing(self, sign_in: SignIn, new_case: NewCase) -> None:
        auditor = await sign_in("auditor")
        answer = await auditor.post("/cases", json=new_case(), headers={"Idempotency-Key": "k"})
        assert answer.status_code == 403


async def test_the_first_event_is_public(
    service: httpx.AsyncClient, new_case: NewCase, database: Database
) -> None:
    await filed(service, new_case())
    async with database.transaction() as session:
        event = (await session.scalars(select(CaseEvent))).one()
    assert (event.kind, event.audience, event.to_status) == ("created", "public", "received")
