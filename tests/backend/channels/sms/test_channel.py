"""A citizen's messages: stored once, answered or handed over, with their effect."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text

from backend.cases.models import CaseFollower
from backend.channels.sms.channel import notice
from backend.conversations import outbound
from backend.conversations.models import InboundMessage
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Address
from backend.core.clock import FixedClock
from backend.core.resources import Resources
from backend.phones.service import Phones, StopReason
from tests.backend.channels.sms.conftest import PHONE, Texter
from tests.support.api import SignIn, filed

NewCase = Callable[..., dict[str, Any]]


async def jobs(resources: Resources, task: str) -> int:
    async with resources.database.transaction() as session:
        found = await session.scalar(
            text("select count(*) from procrastinate_jobs where task_name = :task"), {"task": task}
        )
    return int(found or 0)


async def stopped(resources: Resources, phone: str = PHONE) -> StopReason | None:
    async with resources.database.transaction() as session:
        return await Phones(session, resources.vault).stopped(phone)


async def tell(resources: Resources, template: str, key: str = "n", **variables: str) -> None:
    """A notice of ours to the citizen."""
    async with resources.database.transaction() as session:
        rows = ConversationRepository(session, resources.vault)
        message = notice(template, **variables)
        await outbound.say(rows, resources.clock, Address("sms", PHONE), message, key)


class TestTurns:
    async def test_a_message_is_stored_and_queued_and_acknowledged_empty(
        self, texter: Texter, sms_resources: Resources
    ) -> None:
        answer = await texter.text("上沙中南路路灯坏了")
        assert (answer.status_code, answer.text) == (200, "<Response/>")
        assert answer.headers["content-type"].startswith("text/xml")
        assert await texter.stored() == [
            {"text": "上沙中南路路灯坏了", "payload": None, "state": "queued"}
        ]
        assert await jobs(sms_resources, "conversations.turn") == 1
        assert await texter.said() == []

    async def test_the_same_message_again_changes_nothing(
        self, texter: Texter, sms_resources: Resources
    ) -> None:
        for _ in range(3):
            assert (await texter.text("路灯坏了", sid="SM" + "a" * 32)).status_code == 200
        assert len(await texter.stored()) == 1
        assert await jobs(sms_resources, "conversations.turn") == 1

    @pytest.mark.parametrize(
        ("sent", "asked"),
        [("进度", "我的诉求到哪了"), ("查 进度。", "我的诉求到哪了"), ("人工", "转人工")],
    )
    async def test_keywords_are_put_to_the_assistant_in_its_words(
        self, texter: Texter, sent: str, asked: str
    ) -> None:
        await texter.text(sent)
        assert [row["payload"] for row in await texter.stored()] == [asked]

    @pytest.mark.parametrize("body", ["", "  \n", "\x00\x01"])
    async def test_a_message_without_words_is_told_that_only_words_count(
        self, texter: Texter, body: str
    ) -> None:
        await texter.text(body, NumMedia="1", MediaUrl0="https://x.example/1")
        assert await texter.templates() == ["text_only"]

    async def test_a_message_that_is_too_long_is_refused_kindly(self, texter: Texter) -> None:
        await texter.text("长" * 2001)
        assert await texter.templates() == ["too_long"]

    async def test_a_flood_is_told_once(self, texter: Texter, clock: FixedClock) -> None:
        for _ in range(25):
            assert (await texter.text("还没修吗")).status_code == 200
        assert len(await texter.stored()) == 20
        assert await texter.templates() == ["too_fast"]
        clock.at += timedelta(minutes=2)
        await texter.text("还没修吗")
        assert len(await texter.stored()) == 21

    @pytest.mark.parametrize("sender", ["10086", "BANK", "+"])
    async def test_what_no_telephone_sent_is_acknowledged_and_dropped(
        self, texter: Texter, sms_resources: Resources, sender: str
    ) -> None:
        texter.phone = sender
        assert (await texter.text("验证码1234")).status_code == 200
        async with sms_resources.database.transaction() as session:
            assert await session.scalar(select(func.count(InboundMessage.id))) == 0


class TestOptOut:
    @pytest.mark.parametrize("word", ["退订", "T", "td"])
    async def test_our_words_stop_notices_and_are_confirmed(
        self, texter: Texter, sms_resources: Resources, word: str
    ) -> None:
        await texter.text(word)
        assert await stopped(sms_resources) is StopReason.OPTED_OUT
        assert await texter.templates() == ["opted_out"]
        assert [row["state"] for row in await texter.stored()] == ["answered"]

    @pytest.mark.parametrize(
        ("word", "more"), [("STOP", {}), ("cancel", {}), ("退出", {"OptOutType": "STOP"})]
    )
    async def test_twilios_words_stop_too_and_twilio_confirms_them(
        self, texter: Texter, sms_resources: Resources, word: str, more: dict[str, str]
    ) -> None:
        await texter.text(word, **more)
        assert await stopped(sms_resources) is StopReason.OPTED_OUT
        assert await texter.said() == []

    async def test_elsewhere_the_english_word_is_confirmed_by_us(
        self, texter: Texter, sms_resources: Resources
    ) -> None:
        from backend.channels.sms.channel import TextInbox
        from backend.channels.sms.payloads import InboundText

        settings = sms_resources.settings.model_copy(update={"sms_provider": "gateway"})
        async with sms_resources.database.transaction() as session:
            inbox = TextInbox(session, replace(sms_resources, settings=settings))
            await inbox.take(InboundText("m1", PHONE, "STOP"))
        assert await texter.templates() == ["opted_out"]

    async def test_they_may_come_back(self, texter: Texter, sms_resources: Resources) -> None:
        await texter.text("退订")
        await texter.text("恢复")
        assert await stopped(sms_resources) is None
        assert await texter.templates() == ["opted_out", "opted_in"]

    async def test_a_repeated_webhook_does_not_undo_what_came_after(
        self, texter: Texter, sms_resources: Resources
    ) -> None:
        await texter.text("退订", sid="SM" + "b" * 32)
        await texter.text("恢复")
        await texter.text("退订", sid="SM" + "b" * 32)
        assert await stopped(sms_resources) is None

    async def test_a_flood_of_stops_is_obeyed_and_not_answered_for_ever(
        self, texter: Texter
    ) -> None:
        for _ in range(30):
            await texter.text("退订")
        assert len(await texter.said()) == 20


class TestOwnership:
    async def test_the_number_proves_cases_filed_elsewhere(
        self, texter: Texter, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case(contact_phone="138 0000 1234"))
        await texter.text("进度")
        query = {"channel": "sms", "conversation_id": texter.conversation}
        body = (await service.post("/status-queries", json=query)).json()
        assert body["case_no"] == case["case_no"]
        named = query | {"case_no": case["case_no"]}
        assert (await service.post("/status-queries", json=named)).status_code == 200

    async def test_another_number_proves_nothing(
        self, texter: Texter, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        texter.phone = "+8613900005678"
        await texter.text("进度")
        query = {"channel": "sms", "conversation_id": texter.conversation}
        assert (await service.post("/status-queries", json=query)).status_code == 400
        named = query | {"case_no": case["case_no"]}
        assert (await service.post("/status-queries", json=named)).status_code == 400

    async def test_a_foreign_number_with_the_same_digits_proves_nothing(
        self, texter: Texter, service: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        await filed(service, new_case(contact_phone="13105550100"))
        texter.phone = "+13105550100"
        await texter.text("进度")
        query = {"channel": "sms", "conversation_id": texter.conversation}
        assert (await service.post("/status-queries", json=query)).status_code == 400

    async def test_not_me_stops_and_hides_the_case(
        self,
        texter: Texter,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        sms_resources: Resources,
        new_case: NewCase,
    ) -> None:
        case = await filed(service, new_case())
        await texter.text("不是我")
        assert await texter.templates() == ["wrong_number"]
        assert await stopped(sms_resources) is StopReason.WRONG_NUMBER
        query = {"channel": "sms", "conversation_id": texter.conversation}
        for more in ({}, {"case_no": case["case_no"]}):
            answer = await service.post("/status-queries", json=query | more)
            assert answer.json()["code"] == "proof_needed"
        digits = query | {"case_no": case["case_no"], "phone_last4": "1234"}
        assert (await service.post("/status-queries", json=digits)).status_code == 404
        city = await sign_in("city")
        events = (await city.get(f"/cases/{case['case_no']}/events")).json()["items"]
        assert [(e["kind"], e["audience"]) for e in events][-1] == ("wrong_number", "staff")

    async def test_not_me_hides_what_was_filed_from_a_number_that_has_changed_hands(
        self,
        texter: Texter,
        service: httpx.AsyncClient,
        sms_resources: Resources,
        new_case: NewCase,
    ) -> None:
        case = await filed(service, new_case(channel="sms", conversation_id=texter.conversation))
        await texter.text("不是我")
        await texter.text("我们村口水沟堵了")
        assert await stopped(sms_resources) is None
        query = {"channel": "sms", "conversation_id": texter.conversation}
        for more in ({}, {"case_no": case["case_no"]}):
            answer = await service.post("/status-queries", json=query | more)
            assert answer.json()["code"] == "proof_needed"
        async with sms_resources.database.transaction() as session:
            followers = await session.scalars(select(CaseFollower.ended_at))
            assert None not in followers.all()

    async def test_not_me_to_a_strangers_case_leaves_their_own_and_a_later_message_lifts_the_stop(
        self,
        texter: Texter,
        service: httpx.AsyncClient,
        sms_resources: Resources,
        new_case: NewCase,
    ) -> None:
        mine = await filed(service, new_case(channel="sms", conversation_id=texter.conversation))
        await filed(service, new_case(), "of-a-stranger")
        await texter.text("不是我")
        await texter.text("我们村口水沟堵了")
        assert await stopped(sms_resources) is None
        query = {"channel": "sms", "conversation_id": texter.conversation}
        body = (await service.post("/status-queries", json=query)).json()
        assert body["case_no"] == mine["case_no"]

    async def test_an_opt_out_outlives_later_messages(
        self, texter: Texter, sms_resources: Resources
    ) -> None:
        await texter.text("退订")
        await texter.text("我们村口水沟堵了")
        assert await stopped(sms_resources) is StopReason.OPTED_OUT


async def finish(sign_in: SignIn, service: httpx.AsyncClient, case_no: str) -> None:
    """Bring a referred matter to its end."""
    city = await sign_in("city")
    for to in ("referred", "feedback"):
        answer = await city.post(
            f"/cases/{case_no}/transitions", json={"to": to, "note": "已联系部门"}
        )
        assert answer.status_code == 200, answer.text


class TestRating:
    @pytest.fixture
    def matter(self, new_case: NewCase) -> dict[str, Any]:
        return new_case(category=None, group=None, type="municipal")

    @pytest.mark.parametrize(
        ("said", "score", "template"), [("5", 5, "rated"), ("２", 2, "rated_low")]
    )
    async def test_a_digit_after_our_question_is_recorded(
        self,
        texter: Texter,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        sms_resources: Resources,
        matter: dict[str, Any],
        said: str,
        score: int,
        template: str,
    ) -> None:
        case_no = (await filed(service, matter))["case_no"]
        await finish(sign_in, service, case_no)
        await tell(sms_resources, "feedback", type="市政", case_no=case_no, result="修好了")
        await texter.text(said, sid="SM" + "c" * 32)
        await texter.text(said, sid="SM" + "c" * 32)
        assert await texter.templates() == ["feedback", template]
        async with sms_resources.database.transaction() as session:
            scores = (await session.scalars(text("select score from case_rating"))).all()
        assert scores == [score]

    async def test_a_digit_without_our_question_is_the_assistants(self, texter: Texter) -> None:
        await texter.text("2")
        assert (await texter.stored())[0]["state"] == "queued"

    async def test_a_spelt_out_rating_counts_for_the_newest_finished_case(
        self, texter: Texter, service: httpx.AsyncClient, sign_in: SignIn, matter: dict[str, Any]
    ) -> None:
        case_no = (await filed(service, matter))["case_no"]
        await finish(sign_in, service, case_no)
        await texter.text("评价4分")
        assert await texter.templates() == ["rated"]
        assert case_no in (await texter.said())[0].text

    async def test_nothing_to_rate_is_said(
        self,
        texter: Texter,
        service: httpx.AsyncClient,
        sms_resources: Resources,
        matter: dict[str, Any],
    ) -> None:
        case_no = (await filed(service, matter))["case_no"]
        await tell(sms_resources, "feedback", type="市政", case_no=case_no, result="修好了")
        await texter.text("5")
        assert await texter.templates() == ["feedback", "rating_none"]
