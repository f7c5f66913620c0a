"""Sending through Twilio's stand-in: nothing twice, nothing lost, reports in any order."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from backend.channels.sms.channel import notice
from backend.channels.sms.routing import CHANNEL
from backend.conversations import outbound
from backend.conversations.models import OutboundMessage
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Address, Reply
from backend.conversations.sending import Deliverer, TryLater
from backend.core.clock import FixedClock
from backend.core.resources import Resources
from backend.phones.service import Phones, StopReason
from scripts.fake_twilio import Callback, FakeTwilio
from tests.backend.channels.sms.conftest import PHONE, PUBLIC, Texter
from tests.support.api import SignIn

CASE = {"type": "路灯", "case_no": "WSS26112100014"}


@dataclass
class Sending:
    """One process that sends."""

    resources: Resources
    deliverer: Deliverer
    clock: FixedClock
    twilio: FakeTwilio

    async def put(self, reply: Reply | str, key: str = "m") -> int:
        """Store a message to the citizen; its id."""
        said = Reply(reply) if isinstance(reply, str) else reply
        async with self.resources.database.transaction() as session:
            rows = ConversationRepository(session, self.resources.vault)
            to = Address(CHANNEL, PHONE)
            row = await outbound.say(rows, self.resources.clock, to, said, key)
            assert row is not None
            return row.id

    async def run(self, outbound_id: int) -> int | None:
        """Run the job once; seconds until it wants to run again."""
        try:
            await self.deliverer.run(outbound_id)
        except TryLater as later:
            return later.wait_s
        return None

    async def run_until_settled(self, outbound_id: int) -> None:
        """Run the job, letting the time it asks for pass."""
        for _ in range(10):
            wait_s = await self.run(outbound_id)
            if wait_s is None:
                return
            self.clock.at += timedelta(seconds=wait_s)
        raise AssertionError("never settled")

    async def row(self, outbound_id: int) -> OutboundMessage:
        """The message as it is stored."""
        async with self.resources.database.transaction() as session:
            row = await session.get(OutboundMessage, outbound_id, populate_existing=True)
            assert row is not None
            return row

    async def state(self, outbound_id: int) -> tuple[str, str | None]:
        """State and reason."""
        row = await self.row(outbound_id)
        return row.state, row.failure


@pytest.fixture
def sending(
    sms_resources: Resources, deliverer: Deliverer, clock: FixedClock, twilio: FakeTwilio
) -> Sending:
    """A process that sends through the stand-in."""
    return Sending(sms_resources, deliverer, clock, twilio)


class TestSending:
    async def test_a_message_goes_out_once_with_our_signature_and_our_reference(
        self, sending: Sending, twilio: FakeTwilio
    ) -> None:
        message = await sending.put("在哪个村（社区）？")
        assert await sending.run(message) is None
        assert await sending.run(message) is None
        assert twilio.bodies() == ["【莞家】在哪个村（社区）？"]
        sent = twilio.messages[0]
        assert sent["to"] == PHONE
        callback = urlsplit(sent["callback"])
        assert f"{callback.scheme}://{callback.netloc}" == PUBLIC
        assert parse_qs(callback.query) == {"ref": [str(message)]}
        row = await sending.row(message)
        assert (row.state, row.via, row.receipt) == ("sent", "twilio", sent["sid"])

    async def test_a_notice_is_its_registered_text(
        self, sending: Sending, twilio: FakeTwilio
    ) -> None:
        await sending.run(await sending.put(notice("withdrawn", **CASE)))
        assert twilio.bodies() == [
            "【莞家】您的路灯（WSS26112100014）已由提出者撤回。以后还需要，随时发短信来。"
        ]

    @pytest.mark.parametrize(
        ("outcome", "reason"),
        [
            ("21211", "number_invalid"),
            ("21408", "region_not_allowed"),
            ("21610", "opted_out"),
            ("21614", "not_a_mobile"),
            ("20003", "credentials"),
            ("29999", "twilio_29999"),
        ],
    )
    async def test_permanent_faults_are_dead_letters(
        self, sending: Sending, twilio: FakeTwilio, outcome: str, reason: str
    ) -> None:
        twilio.do_next(outcome)
        message = await sending.put("好")
        assert await sending.run(message) is None
        assert await sending.state(message) == ("failed", reason)
        assert twilio.messages == []

    @pytest.mark.parametrize("outcome", ["429", "20429", "21611"])
    async def test_temporary_faults_are_tried_again(
        self, sending: Sending, twilio: FakeTwilio, outcome: str
    ) -> None:
        twilio.do_next(outcome, outcome)
        message = await sending.put("好")
        await sending.run_until_settled(message)
        assert (twilio.calls, len(twilio.messages)) == (3, 1)
        assert (await sending.state(message))[0] == "sent"

    async def test_nobody_there_is_tried_again(self, sending: Sending, twilio: FakeTwilio) -> None:
        message = await sending.put("好")
        twilio.stop()
        assert await sending.run(message)
        twilio.start()
        sending.clock.at += timedelta(minutes=1)
        await sending.run_until_settled(message)
        assert len(twilio.messages) == 1

    async def test_an_opt_out_that_only_twilio_knew_withholds_later_notices(
        self, sending: Sending, twilio: FakeTwilio
    ) -> None:
        twilio.do_next("21610")
        await sending.run(await sending.put("好"))
        later = await sending.put(notice("withdrawn", **CASE), "n")
        await sending.run(later)
        assert await sending.state(later) == ("failed", "opted_out")
        assert twilio.calls == 1

    @pytest.mark.parametrize("reason", list(StopReason))
    async def test_a_stopped_number_gets_answers_but_no_notices(
        self, sending: Sending, twilio: FakeTwilio, reason: StopReason
    ) -> None:
        async with sending.resources.database.transaction() as session:
            phones = Phones(session, sending.resources.vault)
            await phones.stop(PHONE, reason, sending.clock.now())
        withheld = await sending.put(notice("review", **CASE, town="长安镇", due="11月18日"), "a")
        for message in (
            withheld,
            await sending.put("在哪里？", "b"),
            await sending.put(notice("opted_out"), "c"),
            await sending.put(notice("danger"), "d"),
        ):
            await sending.run(message)
        assert await sending.state(withheld) == ("failed", reason.value)
        assert len(twilio.messages) == 3


class TestUnknownOutcome:
    async def test_a_message_that_was_made_is_found_and_not_sent_again(
        self, sending: Sending, twilio: FakeTwilio
    ) -> None:
        twilio.do_next("made")
        message = await sending.put("好")
        await sending.run_until_settled(message)
        row = await sending.row(message)
        assert (row.state, row.receipt) == ("sent", twilio.messages[0]["sid"])
        assert (twilio.calls, len(twilio.messages)) == (1, 1)

    @pytest.mark.parametrize("outcome", ["lost", "503"])
    async def test_a_message_that_was_not_made_is_sent_after_a_clear_no(
        self, sending: Sending, twilio: FakeTwilio, outcome: str
    ) -> None:
        twilio.do_next(outcome)
        message = await sending.put("好")
        started = sending.clock.at
        await sending.run_until_settled(message)
        assert (twilio.calls, len(twilio.messages)) == (2, 1)
        assert (sending.clock.at - started).total_seconds() >= 60

    async def test_an_equal_earlier_message_is_not_taken_for_it(
        self, sending: Sending, twilio: FakeTwilio
    ) -> None:
        first, second = await sending.put("好", "a"), await sending.put("好", "b")
        await sending.run(first)
        twilio.do_next("lost")
        await sending.run_until_settled(second)
        assert len(twilio.messages) == 2
        receipts = {(await sending.row(message)).receipt for message in (first, second)}
        assert receipts == {message["sid"] for message in twilio.messages}

    async def test_nothing_is_sent_while_the_lookup_fails(
        self, sending: Sending, twilio: FakeTwilio
    ) -> None:
        twilio.do_next("lost")
        message = await sending.put("好")
        wait_s = await sending.run(message)
        sending.clock.at += timedelta(seconds=wait_s or 0)
        twilio.stop()
        for _ in range(3):
            wait_s = await sending.run(message)
            assert wait_s
            sending.clock.at += timedelta(seconds=wait_s)
        twilio.start()
        assert twilio.calls == 1
        await sending.run_until_settled(message)
        assert len(twilio.messages) == 1

    async def test_a_callback_settles_it_before_we_look(
        self, sending: Sending, twilio: FakeTwilio, texter: Texter
    ) -> None:
        twilio.do_next("made")
        message = await sending.put("好")
        await sending.run(message)
        for callback in twilio.callbacks(twilio.messages[0]):
            await report(texter, callback)
        assert await sending.run(message) is None
        row = await sending.row(message)
        assert (row.state, row.receipt) == ("delivered", twilio.messages[0]["sid"])


async def report(texter: Texter, callback: Callback) -> None:
    """Post a callback to the webhook as Twilio would."""
    parts = urlsplit(callback.url)
    answer = await texter.http.post(
        f"{parts.path}?{parts.query}", content=callback.body, headers=callback.headers
    )
    assert answer.status_code == 204, answer.text


ORDERS = ["0123", "3210", "3012", "1302", "2031", "0312", "01230123"]


class TestReports:
    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize(
        ("outcome", "end"),
        [("ok", ("delivered", None)), ("30007", ("failed", "filtered"))],
    )
    async def test_end_the_same_in_every_order(
        self,
        sending: Sending,
        twilio: FakeTwilio,
        texter: Texter,
        order: str,
        outcome: str,
        end: tuple[str, str | None],
    ) -> None:
        twilio.do_next(outcome)
        message = await sending.put("好")
        await sending.run(message)
        twilio.callback_order = lambda states: [states[int(place)] for place in order]
        for callback in twilio.callbacks(twilio.messages[0]):
            await report(texter, callback)
        assert await sending.state(message) == end

    async def test_of_a_message_we_do_not_know_are_acknowledged(self, texter: Texter) -> None:
        form = {"MessageSid": "SM" + "0" * 32, "MessageStatus": "delivered"}
        for query in ("", "?ref=99999999", "?ref=x", "?ref=999999999999999999"):
            answer = await texter.post(f"/webhooks/sms/status{query}", form)
            assert answer.status_code == 204

    async def test_of_another_messages_id_do_not_move_ours(
        self, sending: Sending, texter: Texter
    ) -> None:
        message = await sending.put("好")
        await sending.run(message)
        form = {"MessageSid": "SM" + "0" * 32, "MessageStatus": "delivered"}
        await texter.post(f"/webhooks/sms/status?ref={message}", form)
        assert (await sending.state(message))[0] == "sent"

    async def test_of_an_earlier_try_do_not_settle_a_resent_message(
        self, sending: Sending, twilio: FakeTwilio, texter: Texter, sign_in: SignIn
    ) -> None:
        twilio.do_next("30003")
        message = await sending.put("好")
        await sending.run(message)
        earlier = list(twilio.callbacks(twilio.messages[0]))
        await report(texter, earlier[-1])
        assert await sending.state(message) == ("failed", "unreachable")
        city = await sign_in("city")
        assert (await city.post(f"/outbound/{message}/resend")).status_code == 200
        await report(texter, earlier[2])
        assert await sending.state(message) == ("queued", None)
        await sending.run(message)
        assert len(twilio.messages) == 2

    async def test_an_opt_out_in_a_report_is_remembered(
        self, sending: Sending, texter: Texter
    ) -> None:
        message = await sending.put("好")
        await sending.run(message)
        sid = (await sending.row(message)).receipt or ""
        form = {"MessageSid": sid, "MessageStatus": "failed", "ErrorCode": "21610"}
        await texter.post("/webhooks/sms/status", form)
        async with sending.resources.database.transaction() as session:
            stopped = await Phones(session, sending.resources.vault).stopped(PHONE)
        assert stopped is StopReason.OPTED_OUT
