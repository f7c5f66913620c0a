"""Fixtures of text messages: Twilio's stand-in, a signing citizen, what was said to them."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from backend.channels.sms.routing import CHANNEL, build_route
from backend.conversations.identity import conversation_id
from backend.conversations.models import InboundMessage, OutboundMessage
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Reply
from backend.conversations.sending import Deliverer
from backend.core.clock import FixedClock
from backend.core.resources import Resources
from scripts.fake_twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio

PUBLIC = "https://guanjia.example"
PHONE = "+8613800001234"


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    """A stand-in of Twilio that sends no callbacks by itself."""
    fake = FakeTwilio(hangs_for_s=0.5, posts_callbacks=False)
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def sms_resources(api_resources: Resources, twilio: FakeTwilio, clock: FixedClock) -> Resources:
    """Resources with Twilio as provider; the clock stands at the machine's present."""
    clock.at = datetime.now(UTC)
    changes = {
        "public_base_url": PUBLIC,
        "sms_provider": "twilio",
        "sms_timeout_s": 0.3,
        "twilio_api_url": twilio.url,
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": SecretStr(TOKEN),
        "twilio_sender": SENDER,
    }
    return replace(api_resources, settings=api_resources.settings.model_copy(update=changes))


@pytest.fixture
def sms_app(app: FastAPI, sms_resources: Resources) -> FastAPI:
    """The application with these resources."""
    app.state.resources = sms_resources
    return app


@dataclass
class Texter:
    """A citizen with a telephone; Twilio posts what they write, signed by its own library."""

    http: httpx.AsyncClient
    resources: Resources
    phone: str = PHONE
    sent: int = field(default=0)

    async def text(self, body: str, *, sid: str | None = None, **more: str) -> httpx.Response:
        """Send a message; the webhook's answer."""
        self.sent += 1
        form = {
            "MessageSid": sid or f"SM{self.sent:032x}",
            "SmsSid": "",
            "AccountSid": ACCOUNT,
            "From": self.phone,
            "To": SENDER,
            "Body": body,
            "NumMedia": "0",
            "FromCity": "",
            **more,
        }
        return await self.post("/webhooks/sms/inbound", form)

    async def post(self, path: str, form: dict[str, str]) -> httpx.Response:
        """Post a signed form."""
        signature = RequestValidator(TOKEN).compute_signature(PUBLIC + path, form)
        return await self.http.post(
            path,
            content=urlencode(form),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Twilio-Signature": signature,
            },
        )

    @property
    def conversation(self) -> str:
        """The id of their conversation."""
        return str(conversation_id(self.resources.vault, CHANNEL, self.phone))

    async def said(self) -> list[Reply]:
        """Everything that was said to them, in order."""
        async with self.resources.database.transaction() as session:
            rows = await session.scalars(
                select(OutboundMessage)
                .where(OutboundMessage.conversation_id == self._uuid())
                .order_by(OutboundMessage.seq)
            )
            store = ConversationRepository(session, self.resources.vault)
            return [store.read_outbound(row) for row in rows]

    async def templates(self) -> list[str | None]:
        """The registered texts among it."""
        return [reply.notice.template if reply.notice else None for reply in await self.said()]

    async def stored(self) -> list[dict[str, Any]]:
        """What they wrote, as it is stored."""
        async with self.resources.database.transaction() as session:
            rows = await session.scalars(
                select(InboundMessage)
                .where(InboundMessage.conversation_id == self._uuid())
                .order_by(InboundMessage.seq)
            )
            store = ConversationRepository(session, self.resources.vault)
            found = [(row, *store.read_inbound(row)) for row in rows]
        return [
            {"text": text, "payload": payload, "state": row.turn_state}
            for row, text, payload in found
        ]

    def _uuid(self) -> Any:
        return conversation_id(self.resources.vault, CHANNEL, self.phone)


@pytest_asyncio.fixture(loop_scope="function")
async def texter(sms_app: FastAPI, sms_resources: Resources) -> AsyncIterator[Texter]:
    """A citizen who writes from +86 138 0000 1234."""
    transport = httpx.ASGITransport(sms_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8000") as http:
        yield Texter(http, sms_resources)


@pytest.fixture
def deliverer(sms_resources: Resources) -> Deliverer:
    """What the delivery job runs."""
    return Deliverer(sms_resources, {CHANNEL: build_route(sms_resources)})
