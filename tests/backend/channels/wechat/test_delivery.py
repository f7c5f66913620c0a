"""Sending to followers: windows, the chain of ways, every errcode, one token, no doubles."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from backend.channels.wechat.account import configured_account
from backend.channels.wechat.client import WeChatClient
from backend.channels.wechat.errcodes import ERRCODES, Then
from backend.channels.wechat.models import WeChatAccessToken
from backend.channels.wechat.tasks import build_client, routes
from backend.conversations import outbound
from backend.conversations.delivery import RetryableDeliveryError
from backend.conversations.delivery_repository import DeliveryRepository
from backend.conversations.models import OutboundMessage
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Address, Notice, Reply
from backend.conversations.sending import Deliverer, TryLater
from backend.core.clock import FixedClock
from backend.core.db import Database
from backend.core.resources import Resources
from scripts.wechat.stand_in import SUBSCRIPTION, TEMPLATE, StandIn
from tests.backend.channels.wechat.conftest import OPENID, Account, Stored
from tests.support.api import SignIn

STEP = Notice(
    "case_step",
    {
        "case_no": "WSS26110300012",
        "matter": "路灯维修",
        "step": "已受理",
        "at": "2026年11月3日 10:00",
    },
)


async def say(
    resources: Resources,
    text: str = "您反映的路灯已经修好。",
    *,
    notice: Notice | None = None,
    key: str = "k",
) -> int:
    """Queue a message to the citizen; its id."""
    async with resources.database.transaction() as session:
        repository = ConversationRepository(session, resources.vault)
        reply = Reply(text, notice=notice)
        row = await outbound.say(repository, resources.clock, Address("wechat", OPENID), reply, key)
    assert row is not None
    return row.id


async def state(stored: Stored, outbound_id: int) -> OutboundMessage:
    """The message as it is stored now."""
    return next(row for row in await stored.outbound() if row.id == outbound_id)


async def deliver(deliverer: Deliverer, outbound_id: int) -> int | None:
    """Run the job once; in how many seconds it wants to run again."""
    try:
        await deliverer.run(outbound_id)
    except TryLater as later:
        return later.wait_s
    return None


@pytest_asyncio.fixture(loop_scope="function")
async def follower(account: Account) -> AsyncIterator[None]:
    """The citizen has just written."""
    await account.post(account.xml("text", Content="在吗"))
    yield


@pytest.mark.usefixtures("follower")
class TestCustomerService:
    async def test_the_text_arrives(
        self, deliverer: Deliverer, stored: Stored, wechat_resources: Resources, stand_in: StandIn
    ) -> None:
        sent = await say(wechat_resources)
        assert await deliver(deliverer, sent) is None
        assert stand_in.sent[0].body["touser"] == OPENID
        assert stand_in.sent[0].text == "您反映的路灯已经修好。"
        row = await state(stored, sent)
        assert (row.state, row.via, row.attempts) == ("sent", "wechat_custom", 1)
        await deliver(deliverer, sent)
        assert len(stand_in.sent) == 1

    async def test_five_messages_then_no_more(
        self, deliverer: Deliverer, stored: Stored, wechat_resources: Resources, stand_in: StandIn
    ) -> None:
        for number in range(6):
            await deliver(deliverer, await say(wechat_resources, key=str(number)))
        assert len(stand_in.sent) == 5
        last = (await stored.outbound())[-1]
        assert (last.state, last.failure) == ("failed", "count_exceeded")

    async def test_a_try_that_was_refused_does_not_count(
        self, deliverer: Deliverer, stored: Stored, wechat_resources: Resources, stand_in: StandIn
    ) -> None:
        stand_in.fail(-1)
        for number in range(6):
            sent = await say(wechat_resources, key=str(number))
            while await deliver(deliverer, sent) is not None:
                pass
        assert len(stand_in.sent) == 5
        assert (await stored.outbound())[-1].failure == "count_exceeded"

    async def test_what_waited_together_goes_as_one(
        self, deliverer: Deliverer, stored: Stored, wechat_resources: Resources, stand_in: StandIn
    ) -> None:
        waiting = [await say(wechat_resources, f"第{n}句。", key=str(n)) for n in range(8)]
        long = await say(wechat_resources, "灯" * 682, key="long")
        for outbound_id in (*waiting, long):
            assert await deliver(deliverer, outbound_id) is None
        first, second = stand_in.sent
        assert first.text == "\n".join(f"第{n}句。" for n in range(8))
        assert second.text == "灯" * 682
        assert {row.state for row in await stored.outbound()} == {"sent"}

    async def test_what_has_to_wait_waits_together(
        self, deliverer: Deliverer, stored: Stored, wechat_resources: Resources, stand_in: StandIn
    ) -> None:
        one, two = [await say(wechat_resources, f"第{n}句。", key=str(n)) for n in range(2)]
        stand_in.fail(-1)
        assert await deliver(deliverer, one) == 5
        assert [row.state for row in await stored.outbound()] == ["queued", "queued"]
        await deliver(deliverer, one)
        await deliver(deliverer, two)
        assert [message.text for message in stand_in.sent] == ["第0句。\n第1句。"]

    async def test_after_48_hours_no_more(
        self,
        deliverer: Deliverer,
        stored: Stored,
        wechat_resources: Resources,
        stand_in: StandIn,
        clock: FixedClock,
    ) -> None:
        clock.at += timedelta(hours=48, seconds=1)
        sent = await say(wechat_resources)
        await deliver(deliverer, sent)
        row = await state(stored, sent)
        assert (row.state, row.failure) == ("failed", "outside_48_hours")
        assert not stand_in.sent

    @pytest.mark.parametrize("code", list(ERRCODES))
    async def test_every_errcode(
        self,
        deliverer: Deliverer,
        stored: Stored,
        wechat_resources: Resources,
        stand_in: StandIn,
        code: int,
    ) -> None:
        meaning = ERRCODES[code]
        stand_in.fail(code)
        sent = await say(wechat_resources)
        wait_s = await deliver(deliverer, sent)
        row = await state(stored, sent)
        match meaning.then:
            case Then.PERMANENT:
                assert (row.state, row.failure, wait_s) == ("failed", meaning.reason, None)
                assert not stand_in.sent
            case Then.RETRY:
                assert (row.state, row.failure) == ("queued", meaning.reason)
                assert wait_s == max(5, meaning.wait_s or 0)
                await deliver(deliverer, sent)
                assert len(stand_in.sent) == 1
            case Then.REFRESH:
                assert (row.state, wait_s) == ("sent", None)
                assert len(stand_in.sent) == 1

    async def test_an_errcode_we_do_not_know_is_a_refusal(
        self, deliverer: Deliverer, stored: Stored, wechat_resources: Resources, stand_in: StandIn
    ) -> None:
        stand_in.fail(99999)
        sent = await say(wechat_resources)
        await deliver(deliverer, sent)
        assert (await state(stored, sent)).failure == "errcode_99999"

    async def test_a_day_of_failures_is_a_dead_letter(
        self, deliverer: Deliverer, stored: Stored, wechat_resources: Resources, stand_in: StandIn
    ) -> None:
        stand_in.fail(-1, times=100)
        sent = await say(wechat_resources)
        waits = []
        while (wait_s := await deliver(deliverer, sent)) is not None:
            waits.append(wait_s)
        assert waits[:6] == [5, 15, 60, 300, 900, 3600]
        assert 23 * 3600 < sum(waits) < 26 * 3600
        row = await state(stored, sent)
        assert (row.state, row.failure) == ("failed", "gave_up:busy")


@pytest.mark.usefixtures("follower")
class TestUnknown:
    async def test_no_readable_answer_means_no_second_try(
        self, deliverer: Deliverer, stored: Stored, wechat_resources: Resources, stand_in: StandIn
    ) -> None:
        await deliver(deliverer, await say(wechat_resources, key="first"))
        stand_in.http_status = 502
        sent = await say(wechat_resources, key="second")
        assert await deliver(deliverer, sent) is None
        assert (await state(stored, sent)).state == "unknown"

    async def test_a_refused_connection_is_tried_again(
        self, deliverer: Deliverer, stored: Stored, wechat_resources: Resources, stand_in: StandIn
    ) -> None:
        stand_in.stop()
        try:
            sent = await say(wechat_resources)
            assert await deliver(deliverer, sent) == 5
        finally:
            stand_in.start()
        await deliver(deliverer, sent)
        assert (await state(stored, sent)).state == "sent"

    async def test_a_try_cut_off_is_left_alone_then_unknown(
        self,
        deliverer: Deliverer,
        stored: Stored,
        wechat_resources: Resources,
        stand_in: StandIn,
        clock: FixedClock,
    ) -> None:
        sent = await say(wechat_resources)
        assert await deliverer._begin(sent) is not None
        assert await deliver(deliverer, sent) == 21
        clock.at += timedelta(seconds=21)
        await deliver(deliverer, sent)
        row = await state(stored, sent)
        assert (row.state, row.failure) == ("unknown", "interrupted")
        assert not stand_in.sent


class TestChain:
    @pytest.fixture
    def account_templates(self, wechat_resources: Resources) -> Resources:
        ids = {"case_step.subscription": "sub-1", "case_step.template": "tpl-1"}
        settings = wechat_resources.settings.model_copy(update={"wechat_templates": ids})
        return replace(wechat_resources, settings=settings)

    @pytest.fixture
    def chained(self, account_templates: Resources) -> Deliverer:
        return Deliverer(account_templates, routes(account_templates))

    async def test_without_a_window_a_subscription_notice(
        self, chained: Deliverer, stored: Stored, account_templates: Resources, stand_in: StandIn
    ) -> None:
        sent = await say(account_templates, notice=STEP)
        await deliver(chained, sent)
        assert [message.way for message in stand_in.sent] == [SUBSCRIPTION]
        assert (await state(stored, sent)).via == "wechat_subscription"

    async def test_refused_it_is_a_template_message(
        self,
        chained: Deliverer,
        stored: Stored,
        account_templates: Resources,
        stand_in: StandIn,
        account: Account,
    ) -> None:
        stand_in.fail(43101, way=SUBSCRIPTION)
        sent = await say(account_templates, notice=STEP)
        await deliver(chained, sent)
        (message,) = stand_in.sent
        assert message.way == TEMPLATE
        assert message.body["data"]["thing2"] == {"value": "路灯维修"}
        row = await state(stored, sent)
        assert (row.via, row.state) == ("wechat_template", "sent")
        assert row.receipt is not None
        finished = {"Event": "TEMPLATESENDJOBFINISH", "MsgID": row.receipt}
        await account.post(account.xml("event", **finished, Status="success"))
        await account.post(account.xml("event", **finished, Status="failed:user block"))
        assert (await state(stored, sent)).state == "delivered"

    async def test_refused_everywhere_it_is_a_dead_letter(
        self, chained: Deliverer, stored: Stored, account_templates: Resources, stand_in: StandIn
    ) -> None:
        stand_in.fail(43101, way=SUBSCRIPTION)
        stand_in.fail(40037, way=TEMPLATE)
        sent = await say(account_templates, notice=STEP)
        await deliver(chained, sent)
        row = await state(stored, sent)
        assert row.state == "failed"
        assert row.failure == "outside_48_hours;user_refused;bad_template_id"
        assert not stand_in.sent

    async def test_a_blocked_template_has_failed(
        self,
        chained: Deliverer,
        stored: Stored,
        account_templates: Resources,
        stand_in: StandIn,
        account: Account,
    ) -> None:
        stand_in.fail(43101, way=SUBSCRIPTION)
        sent = await say(account_templates, notice=STEP)
        await deliver(chained, sent)
        receipt = (await state(stored, sent)).receipt or ""
        for _ in range(2):
            await account.post(
                account.xml(
                    "event",
                    Event="TEMPLATESENDJOBFINISH",
                    MsgID=receipt,
                    Status="failed:user block",
                )
            )
        row = await state(stored, sent)
        assert (row.state, row.failure) == ("failed", "failed:user block")

    async def test_who_does_not_follow_gets_no_template(
        self, chained: Deliverer, stored: Stored, account_templates: Resources, stand_in: StandIn
    ) -> None:
        stand_in.fail(43004, way=SUBSCRIPTION)
        sent = await say(account_templates, notice=STEP)
        await deliver(chained, sent)
        assert (await state(stored, sent)).failure == "outside_48_hours;not_following"
        assert not stand_in.sent

    @pytest.mark.parametrize(
        "matter", ["灯" * 21, "第一行\n第二行", "", " "], ids=["21", "line", "empty", "blank"]
    )
    async def test_what_a_field_cannot_show_is_not_sent(
        self,
        chained: Deliverer,
        stored: Stored,
        account_templates: Resources,
        stand_in: StandIn,
        matter: str,
    ) -> None:
        unfit = Notice("case_step", {**STEP.variables, "matter": matter})
        sent = await say(account_templates, notice=unfit)
        await deliver(chained, sent)
        assert not stand_in.sent
        assert "template_field_unfit:thing2" in ((await state(stored, sent)).failure or "")


@pytest.mark.usefixtures("follower")
class TestToken:
    async def test_an_ended_token_is_renewed_once(
        self, deliverer: Deliverer, wechat_resources: Resources, stand_in: StandIn
    ) -> None:
        await deliver(deliverer, await say(wechat_resources, key="1"))
        await deliver(deliverer, await say(wechat_resources, key="2"))
        assert stand_in.tokens_given == 1
        stand_in.end_token()
        await deliver(deliverer, await say(wechat_resources, key="3"))
        assert len(stand_in.sent) == 3
        assert stand_in.tokens_given == 2

    async def test_what_another_process_renewed_is_read_again(
        self, wechat_resources: Resources, stand_in: StandIn, follower: None
    ) -> None:
        ours, theirs = (Deliverer(wechat_resources, routes(wechat_resources)) for _ in "12")
        await deliver(ours, await say(wechat_resources, key="1"))
        stand_in.end_token()
        await deliver(theirs, await say(wechat_resources, key="2"))
        await deliver(ours, await say(wechat_resources, key="3"))
        assert len(stand_in.sent) == 3
        assert stand_in.tokens_given == 2

    async def test_a_wrong_secret_is_tried_again_later(
        self, deliverer: Deliverer, stored: Stored, wechat_resources: Resources, stand_in: StandIn
    ) -> None:
        stand_in.fail(40125, way="stable_token")
        sent = await say(wechat_resources)
        assert await deliver(deliverer, sent) == 60
        assert (await state(stored, sent)).failure == "token_errcode_40125"

    async def test_it_is_renewed_five_minutes_early(
        self,
        deliverer: Deliverer,
        wechat_resources: Resources,
        stand_in: StandIn,
        clock: FixedClock,
    ) -> None:
        await deliver(deliverer, await say(wechat_resources, key="1"))
        clock.at += timedelta(seconds=7200 - 299)
        await deliver(deliverer, await say(wechat_resources, key="2"))
        assert stand_in.tokens_given == 2

    async def test_the_row_holds_no_readable_token(
        self, deliverer: Deliverer, wechat_resources: Resources, stand_in: StandIn
    ) -> None:
        await deliver(deliverer, await say(wechat_resources))
        async with wechat_resources.database.transaction() as session:
            row = await session.get(WeChatAccessToken, stand_in.app_id)
        assert row is not None
        assert stand_in._token not in str(row.sealed)


class TestTokenOfManyProcesses:
    async def test_twenty_at_once_fetch_one(
        self, wechat_resources: Resources, committed: Database, stand_in: StandIn
    ) -> None:
        resources = replace(wechat_resources, database=committed)
        clients = [self._client(resources) for _ in range(20)]
        tokens = await asyncio.gather(*(client.tokens.current() for client in clients))
        assert (len(set(tokens)), stand_in.tokens_given) == (1, 1)
        stand_in.end_token()
        renewed = await asyncio.gather(*(c.tokens.renewed(tokens[0]) for c in clients))
        assert (len(set(renewed)), stand_in.tokens_given) == (1, 2)

    async def test_none_to_be_had(
        self, wechat_resources: Resources, committed: Database, stand_in: StandIn
    ) -> None:
        stand_in.fail(-1, way="stable_token")
        client = self._client(replace(wechat_resources, database=committed))
        with pytest.raises(RetryableDeliveryError):
            await client.tokens.current()
        assert await client.tokens.current()

    @staticmethod
    def _client(resources: Resources) -> WeChatClient:
        account = configured_account(resources.settings)
        assert account is not None
        return build_client(resources, account)


class TestDeadLetters:
    @pytest.mark.usefixtures("follower")
    async def test_the_city_sees_and_sends_again(
        self,
        deliverer: Deliverer,
        stored: Stored,
        wechat_resources: Resources,
        stand_in: StandIn,
        sign_in: SignIn,
    ) -> None:
        stand_in.fail(48002)
        sent = await say(wechat_resources)
        await deliver(deliverer, sent)
        city = await sign_in("city")
        page = (await city.get("/outbound", params={"state": "failed"})).json()
        (item,) = page["items"]
        assert (item["id"], item["channel"]) == (sent, "wechat")
        assert item["failure"] == "user_blocks_messages"
        assert [step["what"] for step in item["steps"]] == ["begun", "failed"]
        assert "路灯" not in str(page)
        assert OPENID not in str(page)
        again = await city.post(f"/outbound/{sent}/resend")
        assert (again.status_code, again.json()["state"]) == (200, "queued")
        assert again.json()["steps"][-1]["actor"] == "city-0"
        await deliver(deliverer, sent)
        assert (await state(stored, sent)).state == "sent"
        assert (await city.post(f"/outbound/{sent}/resend")).status_code == 409

    async def test_others_do_not(self, sign_in: SignIn) -> None:
        village = await sign_in("village", town="441900119", village="441900119003")
        assert (await village.get("/outbound")).status_code == 403
        assert (await village.post("/outbound/1/resend")).status_code == 403
        auditor = await sign_in("auditor")
        assert (await auditor.get("/outbound")).status_code == 200
        assert (await auditor.post("/outbound/1/resend")).status_code == 403

    async def test_what_does_not_exist(self, sign_in: SignIn) -> None:
        city = await sign_in("city")
        for outbound_id in (1, 2**62, 2**80):
            answer = await city.post(f"/outbound/{outbound_id}/resend")
            assert answer.status_code in (404, 422)
        assert (await city.get("/outbound", params={"state": "lost"})).status_code == 422

    async def test_a_key_is_used_once(self, wechat_resources: Resources) -> None:
        await say(wechat_resources)
        async with wechat_resources.database.transaction() as session:
            repository = ConversationRepository(session, wechat_resources.vault)
            again = await outbound.say(
                repository, wechat_resources.clock, Address("wechat", OPENID), Reply("x"), "k"
            )
            assert again is None
            assert len(await DeliveryRepository(session).listed([], None, 10)) == 1
