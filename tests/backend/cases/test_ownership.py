"""What a reporter may ask and do, and what strangers learn: nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from backend.core.clock import FixedClock
from backend.core.resources import Resources
from backend.phones.service import Phones
from tests.support.api import SignIn, filed

NewCase = Callable[..., dict[str, Any]]
MINE = {"channel": "webchat", "conversation_id": "webchat-5f0c"}
OTHER = {"channel": "sms", "conversation_id": "sms-1"}
UNUSED = "WSS26110399990"


def status_of(answer: httpx.Response) -> tuple[int, str | None]:
    """Status and code of an answer."""
    return answer.status_code, answer.json().get("code")


class TestStatusQuery:
    async def test_the_same_conversation_needs_no_number(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        first = await filed(service, new_case(), "a")
        second = await filed(service, new_case(type="road"), "b")
        body = (await service.post("/status-queries", json=MINE)).json()
        assert body["case_no"] == second["case_no"]
        assert [case["case_no"] for case in body["cases"]] == [
            second["case_no"],
            first["case_no"],
        ]

    async def test_tells_how_it_stands_and_nothing_of_anyone(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        answer = await service.post("/status-queries", json=MINE | {"case_no": case["case_no"]})
        body = answer.json()
        assert body["type_label"] == "道路路灯"
        assert body["status_label"] == "已接收"
        assert body["progress"] == "村（社区）正在处理中，将在11月18日前召开协商会议"
        assert body["due"]["at"] == "2026-11-18T23:59:59+08:00"
        assert body["updated_at"] == "2026-11-03T10:00:00+08:00"
        assert [event["status_label"] for event in body["events"]] == ["已接收"]
        assert "contact" not in answer.text
        assert "138" not in answer.text

    @pytest.mark.parametrize("last4", ["1234", "１２３４"])
    async def test_number_and_last_four_digits_prove_it_elsewhere(
        self, service: httpx.AsyncClient, new_case: NewCase, last4: str
    ) -> None:
        case = await filed(service, new_case())
        query = OTHER | {"case_no": f" {case['case_no'].lower()} ", "phone_last4": last4}
        assert (await service.post("/status-queries", json=query)).status_code == 200

    async def test_no_such_case_and_not_yours_are_one_answer(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        wrong = OTHER | {"case_no": case["case_no"], "phone_last4": "9999"}
        none = OTHER | {"case_no": UNUSED, "phone_last4": "9999"}
        answers = [await service.post("/status-queries", json=query) for query in (wrong, none)]
        assert [status_of(answer) for answer in answers] == [(404, "case_not_found")] * 2
        assert answers[0].json() == answers[1].json()

    async def test_without_digits_both_ask_for_proof(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        for case_no in (case["case_no"], UNUSED):
            answer = await service.post("/status-queries", json=OTHER | {"case_no": case_no})
            assert status_of(answer) == (400, "proof_needed")

    async def test_a_conversation_without_cases_must_prove(
        self, service: httpx.AsyncClient
    ) -> None:
        assert status_of(await service.post("/status-queries", json=OTHER)) == (400, "proof_needed")

    async def test_a_wrong_check_digit_is_told_at_once(self, service: httpx.AsyncClient) -> None:
        query = OTHER | {"case_no": "WSS26112100017", "phone_last4": "1234"}
        assert status_of(await service.post("/status-queries", json=query)) == (
            400,
            "case_no_invalid",
        )

    async def test_an_anonymous_case_opens_to_its_conversation_only(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case(contact_phone=None, anonymous=True))
        query = {"case_no": case["case_no"], "phone_last4": "0000"}
        assert (await service.post("/status-queries", json=MINE | query)).status_code == 200
        assert (await service.post("/status-queries", json=OTHER | query)).status_code == 404

    async def test_is_for_the_service_only(self, sign_in: SignIn) -> None:
        city = await sign_in("city")
        assert (await city.post("/status-queries", json=MINE)).status_code == 403


class TestTries:
    async def test_are_limited_per_conversation_also_for_the_right_digits(
        self, service: httpx.AsyncClient, new_case: NewCase, clock: FixedClock
    ) -> None:
        case = await filed(service, new_case())
        for _ in range(5):
            await service.post(
                "/status-queries", json=OTHER | {"case_no": UNUSED, "phone_last4": "1111"}
            )
        right = OTHER | {"case_no": case["case_no"], "phone_last4": "1234"}
        refused = await service.post("/status-queries", json=right)
        assert status_of(refused) == (429, "too_many_tries")
        clock.at += timedelta(hours=1)
        assert (await service.post("/status-queries", json=right)).status_code == 200

    async def test_are_limited_per_case_over_many_conversations(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        guess = {"channel": "sms", "case_no": case["case_no"], "phone_last4": "0000"}
        for number in range(10):
            await service.post("/status-queries", json=guess | {"conversation_id": f"c{number}"})
        right = guess | {"conversation_id": "fresh", "phone_last4": "1234"}
        assert (await service.post("/status-queries", json=right)).status_code == 429

    async def test_do_not_lock_the_owners_conversation_out(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        for _ in range(10):
            await service.post(
                "/status-queries",
                json=OTHER | {"case_no": case["case_no"], "phone_last4": "0000"},
            )
        assert (await service.post("/status-queries", json=MINE)).status_code == 200


class TestEvents:
    async def test_the_reporter_sees_the_public_ones_without_names(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        path = f"/cases/{case['case_no']}"
        city = await sign_in("city")
        await city.post(f"{path}/notes", json={"note": "内部", "audience": "staff"})
        await city.post(f"{path}/notes", json={"note": "已安排", "audience": "public"})
        answer = await service.get(
            f"{path}/events", params={"conversation_id": MINE["conversation_id"]}
        )
        items = answer.json()["items"]
        assert [item["note"] for item in items] == [None, "已安排"]
        assert {item["by"] for item in items} == {None}

    async def test_a_stranger_is_asked_for_proof(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        answer = await service.get(f"/cases/{case['case_no']}/events")
        assert status_of(answer) == (400, "proof_needed")


class TestAdditions:
    @pytest.mark.parametrize(
        ("what", "body"),
        [("supplements", {"text": "又坏了一盏"}), ("ratings", {"score": 5}), ("withdrawal", {})],
    )
    async def test_need_proof(
        self, service: httpx.AsyncClient, new_case: NewCase, what: str, body: dict[str, Any]
    ) -> None:
        case = await filed(service, new_case())
        path = f"/cases/{case['case_no']}/{what}"
        assert status_of(await service.post(path, json=OTHER | body)) == (400, "proof_needed")
        wrong = OTHER | body | {"phone_last4": "0000"}
        assert status_of(await service.post(path, json=wrong)) == (404, "case_not_found")

    async def test_a_supplement_is_seen_by_staff(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        path = f"/cases/{case['case_no']}"
        added = await service.post(
            f"{path}/supplements", json=MINE | {"text": "又坏一盏，13900002222"}
        )
        assert added.status_code == 201
        events = (await (await sign_in("city")).get(f"{path}/events")).json()["items"]
        assert events[-1]["note"] == "又坏一盏，*******2222"

    async def test_rating_waits_for_completion(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        answer = await service.post(f"/cases/{case['case_no']}/ratings", json=MINE | {"score": 5})
        assert status_of(answer) == (409, "not_finished")

    @pytest.mark.parametrize("score", [0, 6, "five", None])
    async def test_a_score_is_one_to_five(
        self, service: httpx.AsyncClient, new_case: NewCase, score: object
    ) -> None:
        case = await filed(service, new_case())
        path = f"/cases/{case['case_no']}/ratings"
        assert (await service.post(path, json=MINE | {"score": score})).status_code == 422

    async def test_withdrawing_ends_it_and_twice_is_no_error(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        path = f"/cases/{case['case_no']}"
        for _ in range(2):
            answer = await service.post(f"{path}/withdrawal", json=MINE | {"reason": "修好了"})
            assert answer.json()["status"] == "withdrawn"
        later = await service.post(f"{path}/supplements", json=MINE | {"text": "等等"})
        assert status_of(later) == (409, "case_closed")

    async def test_supporters_count_once_and_never_the_reporter(
        self, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        path = f"/cases/{case['case_no']}/supporters"
        for who in (OTHER, OTHER, MINE):
            answer = await service.post(path, json=who)
        assert answer.json()["supporters"] == 1


class TestNumberOfTheSender:
    """A case told by text message carries the number that the message came from."""

    @pytest.mark.parametrize(
        ("changes", "last4"),
        [
            pytest.param({"contact_phone": None}, "5678", id="the sender's"),
            pytest.param({}, "1234", id="another was given"),
            pytest.param(
                {"contact_phone": None, "anonymous": True}, None, id="nobody's, as wished"
            ),
        ],
    )
    async def test_is_the_contact_unless_the_citizen_says_otherwise(
        self,
        service: httpx.AsyncClient,
        new_case: NewCase,
        api_resources: Resources,
        clock: FixedClock,
        changes: dict[str, Any],
        last4: str | None,
    ) -> None:
        async with api_resources.database.transaction() as session:
            await Phones(session, api_resources.vault).prove("sms-9", "+8613900005678", clock.now())
        told = {"channel": "sms", "conversation_id": "sms-9"} | changes
        case = await filed(service, new_case(**told))
        query = MINE | {"conversation_id": "elsewhere", "case_no": case["case_no"]}
        for tried in ("5678", "1234"):
            answer = await service.post("/status-queries", json=query | {"phone_last4": tried})
            assert (answer.status_code == 200) == (tried == last4)


async def test_a_number_added_later_opens_the_case_that_had_none(
    service: httpx.AsyncClient, new_case: NewCase
) -> None:
    case = await filed(service, new_case(contact_phone=None, anonymous=True))
    path, number = f"/cases/{case['case_no']}/supplements", {"contact_phone": "13655556666"}
    added = await service.post(path, json=MINE | {"text": "电话是13655556666"} | number)
    assert added.status_code == 201
    query = OTHER | {"case_no": case["case_no"], "phone_last4": "6666"}
    assert (await service.post("/status-queries", json=query)).status_code == 200


async def test_a_number_added_later_does_not_replace_the_one_that_was_given(
    service: httpx.AsyncClient, new_case: NewCase
) -> None:
    case = await filed(service, new_case())
    path, number = f"/cases/{case['case_no']}/supplements", {"contact_phone": "13655556666"}
    await service.post(path, json=MINE | {"text": "另一个电话"} | number)
    query = OTHER | {"case_no": case["case_no"], "phone_last4": "6666"}
    assert (await service.post("/status-queries", json=query)).status_code != 200
