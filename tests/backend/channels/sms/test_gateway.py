"""The mainland gateway: registered template, ordered variables, signed both ways."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select

from backend.channels.sms.gateway import GatewayAccount, GatewayClient
from backend.channels.sms.routing import CHANNEL, SmsNotConfiguredError, build_route
from backend.channels.sms.signature import gateway_signature
from backend.conversations import outbound
from backend.conversations.delivery import (
    DeliveryError,
    Outbound,
    PermanentDeliveryError,
    Receipt,
    Recipient,
    RetryableDeliveryError,
    UnknownDeliveryError,
)
from backend.conversations.models import InboundMessage, OutboundMessage
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Address, Notice, Reply
from backend.core.clock import FixedClock
from backend.core.resources import Resources
from tests.backend.channels.sms.conftest import PHONE

SECRET = "secret-of-the-gateway"
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
MESSAGE = Outbound(
    id=17,
    text="",
    created_at=NOW,
    notice=Notice("rated", {"case_no": "WSS26112100014", "score": "5"}),
)
TO = Recipient("c", CHANNEL, PHONE)


class Gateway:
    """The other side: remembers what came, answers what it is told."""

    def __init__(self, answer: dict[str, Any] | Exception | None = None, status: int = 200) -> None:
        self.answer = {"code": "OK", "message_id": "G1"} if answer is None else answer
        self.status = status
        self.seen: list[httpx.Request] = []

    def client(self, clock: FixedClock | None = None, **ids: str) -> GatewayClient:
        async def taken(receipts: Sequence[str]) -> set[str]:
            return {receipt for receipt in receipts if receipt.startswith("OLD")}

        http = httpx.AsyncClient(transport=httpx.MockTransport(self._handle))
        account = GatewayAccount(
            "https://sms.example/v1", "app", SECRET, ids or {"rated": "SMS_1", "reply": "SMS_2"}
        )
        return GatewayClient(http, account, clock or FixedClock(NOW), taken, 1.0)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return httpx.Response(self.status, json=self.answer)


class TestSending:
    async def test_hands_over_template_values_in_order_and_the_signature(self) -> None:
        gateway = Gateway()
        assert await gateway.client().send(MESSAGE, TO) == Receipt("gateway", "G1")
        (request,) = gateway.seen
        assert str(request.url) == "https://sms.example/v1/messages"
        assert json.loads(request.content) == {
            "ref": "17",
            "phone": "13800001234",
            "sign": "莞家",
            "template_id": "SMS_1",
            "params": ["5", "WSS26112100014"],
        }

    async def test_signs_path_and_body(self) -> None:
        gateway = Gateway()
        await gateway.client().send(MESSAGE, TO)
        head = gateway.seen[0].headers
        signed = b"POST /v1/messages\n" + gateway.seen[0].content
        expected = gateway_signature(SECRET, head["x-timestamp"], head["x-nonce"], signed)
        assert (head["x-app-id"], head["x-signature"]) == ("app", expected)
        assert head["x-timestamp"] == str(int(NOW.timestamp()))

    @pytest.mark.parametrize(
        ("answer", "status", "kind", "reason"),
        [
            ({"code": "LIMIT"}, 200, RetryableDeliveryError, "rate_limited"),
            ({"code": "BUSY"}, 503, RetryableDeliveryError, "gateway_busy"),
            ({}, 429, RetryableDeliveryError, "rate_limited"),
            ({"code": "BLACKLIST"}, 200, PermanentDeliveryError, "opted_out"),
            ({"code": "TEMPLATE"}, 200, PermanentDeliveryError, "template_not_registered"),
            ({"code": "E1_NEW"}, 200, PermanentDeliveryError, "gateway_e1_new"),
            ({}, 404, PermanentDeliveryError, "gateway_http_404"),
            ({}, 200, UnknownDeliveryError, "answer_unreadable"),
            ({}, 502, UnknownDeliveryError, "answer_unreadable"),
            (httpx.ConnectError("x"), 0, RetryableDeliveryError, "no_connection"),
            (httpx.ReadTimeout("x"), 0, UnknownDeliveryError, "no_answer"),
            (httpx.RemoteProtocolError("x"), 0, UnknownDeliveryError, "no_answer"),
        ],
    )
    async def test_reads_the_code_not_the_status(
        self,
        answer: dict[str, Any] | Exception,
        status: int,
        kind: type[DeliveryError],
        reason: str,
    ) -> None:
        with pytest.raises(kind) as caught:
            await Gateway(answer, status).client().send(MESSAGE, TO)
        assert caught.value.reason == reason

    async def test_an_unregistered_template_is_not_tried(self) -> None:
        gateway = Gateway()
        with pytest.raises(PermanentDeliveryError, match="template_not_registered"):
            await gateway.client(reply="SMS_2").send(MESSAGE, TO)
        assert gateway.seen == []

    async def test_serves_mainland_numbers_only(self) -> None:
        with pytest.raises(PermanentDeliveryError, match="region_not_allowed"):
            await Gateway().client().send(MESSAGE, replace(TO, address="+85264507000"))

    async def test_an_answer_of_the_assistant_is_the_reply_template(self) -> None:
        gateway = Gateway()
        await gateway.client().send(replace(MESSAGE, notice=None, text="在哪里？"), TO)
        sent = json.loads(gateway.seen[0].content)
        assert (sent["template_id"], sent["params"]) == ("SMS_2", ["在哪里？"])


class TestLookup:
    async def test_asks_by_our_reference_and_leaves_out_earlier_tries(self) -> None:
        gateway = Gateway({"code": "OK", "message_ids": ["OLD1", "G1"]})
        assert await gateway.client().find(MESSAGE, TO, NOW) == Receipt("gateway", "G1")
        assert str(gateway.seen[0].url) == "https://sms.example/v1/messages/17"

    @pytest.mark.parametrize(
        "answer", [{"code": "NOTFOUND"}, {"code": "OK", "message_ids": ["OLD1"]}]
    )
    async def test_a_no_counts_once_a_minute_has_passed(self, answer: dict[str, Any]) -> None:
        gateway = Gateway(answer)
        with pytest.raises(RetryableDeliveryError, match="not_settled"):
            await gateway.client().find(MESSAGE, TO, NOW)
        later = FixedClock(NOW + timedelta(seconds=61))
        assert await gateway.client(later).find(MESSAGE, TO, NOW) is None

    @pytest.mark.parametrize(
        "answer", [{"code": "BUSY"}, {}, {"code": "OK"}, httpx.ReadTimeout("x")]
    )
    async def test_no_clear_answer_is_no_answer(self, answer: dict[str, Any] | Exception) -> None:
        later = FixedClock(NOW + timedelta(hours=1))
        with pytest.raises(RetryableDeliveryError):
            await Gateway(answer).client(later).find(MESSAGE, TO, NOW)


class Posting:
    """The gateway posting to us."""

    def __init__(self, http: httpx.AsyncClient, resources: Resources) -> None:
        self.http, self.resources = http, resources
        self.count = 0

    async def post(
        self,
        path: str,
        body: Any,
        *,
        age_s: int = 0,
        nonce: str | None = None,
        secret: str = SECRET,
    ) -> httpx.Response:
        """Post signed JSON."""
        self.count += 1
        raw = json.dumps(body, ensure_ascii=False).encode()
        timestamp = str(int(self.resources.clock.now().timestamp()) - age_s)
        once = nonce or f"nonce-{self.count}"
        return await self.http.post(
            f"/webhooks/sms/{path}",
            content=raw,
            headers={
                "X-Timestamp": timestamp,
                "X-Nonce": once,
                "X-Signature": gateway_signature(secret, timestamp, once, raw),
            },
        )

    async def texts(self) -> int:
        """How many messages are stored."""
        async with self.resources.database.transaction() as session:
            return len((await session.scalars(select(InboundMessage.id))).all())


@pytest.fixture
def gateway_resources(api_resources: Resources) -> Resources:
    """Resources with the mainland gateway as provider."""
    changes = {
        "sms_provider": "gateway",
        "sms_gateway_url": "https://sms.example/v1",
        "sms_gateway_app_id": "app",
        "sms_gateway_secret": SecretStr(SECRET),
    }
    return replace(api_resources, settings=api_resources.settings.model_copy(update=changes))


@pytest_asyncio.fixture(loop_scope="function")
async def posting(app: FastAPI, gateway_resources: Resources) -> AsyncIterator[Posting]:
    """The gateway's side of our webhooks."""
    app.state.resources = gateway_resources
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield Posting(http, gateway_resources)


TEXT = {"id": "M-1", "phone": "13800001234", "text": "路灯坏了"}


class TestInbound:
    async def test_is_stored_once(self, posting: Posting) -> None:
        for _ in range(2):
            answer = await posting.post("inbound", TEXT)
            assert (answer.status_code, answer.json()) == (200, {"code": "OK"})
        assert await posting.texts() == 1

    @pytest.mark.parametrize(
        ("how", "code"),
        [
            ({"secret": "another"}, "signature_invalid"),
            ({"age_s": 301}, "request_stale"),
            ({"age_s": -301}, "request_stale"),
        ],
    )
    async def test_unsigned_and_old_ones_are_refused(
        self, posting: Posting, how: dict[str, Any], code: str
    ) -> None:
        answer = await posting.post("inbound", TEXT, **how)
        assert (answer.status_code, answer.json()["code"]) == (403, code)
        assert await posting.texts() == 0

    async def test_a_nonce_counts_once(self, posting: Posting) -> None:
        assert (await posting.post("inbound", TEXT, nonce="n")).status_code == 200
        again = await posting.post("inbound", TEXT | {"id": "M-2"}, nonce="n")
        assert (again.status_code, again.json()["code"]) == (403, "request_stale")
        assert await posting.texts() == 1

    @pytest.mark.parametrize(
        "body",
        [[], {}, {"id": "a"}, TEXT | {"id": "换"}, TEXT | {"text": 5}, TEXT | {"phone": None}, "x"],
    )
    async def test_another_shape_is_refused(self, posting: Posting, body: Any) -> None:
        assert (await posting.post("inbound", body)).status_code == 400
        assert await posting.texts() == 0


class TestReceipts:
    @pytest.mark.parametrize(
        ("words", "state", "reason"),
        [
            (["ACCEPTD", "DELIVRD"], "delivered", None),
            (["DELIVRD", "UNDELIV"], "delivered", None),
            (["UNDELIV", "DELIVRD"], "failed", "unreachable"),
            (["REJECTD"], "failed", "filtered"),
            (["MK:0012"], "failed", "gateway_mk:0012"),
        ],
    )
    async def test_are_applied_by_rank(
        self, posting: Posting, words: list[str], state: str, reason: str | None
    ) -> None:
        resources = posting.resources
        async with resources.database.transaction() as session:
            rows = ConversationRepository(session, resources.vault)
            to = Address(CHANNEL, PHONE)
            message = await outbound.say(rows, resources.clock, to, Reply("好"), "k")
            assert message is not None
            message.state, message.receipt = "sent", "G1"
        for word in words:
            answer = await posting.post(
                "status", {"receipts": [{"message_id": "G1", "status": word}]}
            )
            assert answer.status_code == 200
        async with resources.database.transaction() as session:
            row = await session.get(OutboundMessage, message.id, populate_existing=True)
            assert row is not None
            assert (row.state, row.failure) == (state, reason)

    @pytest.mark.parametrize("body", [{}, {"receipts": []}, {"receipts": [{"status": "DELIVRD"}]}])
    async def test_another_shape_is_refused(self, posting: Posting, body: Any) -> None:
        assert (await posting.post("status", body)).status_code == 400


@pytest.mark.parametrize(
    ("provider", "named"),
    [("twilio", "GUANJIA_TWILIO_ACCOUNT_SID"), ("gateway", "GUANJIA_SMS_GATEWAY_SECRET")],
)
def test_a_provider_without_its_settings_does_not_start(
    api_resources: Resources, provider: str, named: str
) -> None:
    settings = api_resources.settings.model_copy(update={"sms_provider": provider})
    with pytest.raises(SmsNotConfiguredError, match=named):
        build_route(replace(api_resources, settings=settings))
