"""One account, its platform with wechatpy as the other side, and a stand-in of the API."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import func, select
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from backend.app import create_app
from backend.channels.wechat.tasks import routes
from backend.conversations.live import LiveUpdates
from backend.conversations.models import InboundMessage, OutboundMessage
from backend.conversations.sending import Deliverer
from backend.core.clock import FixedClock
from backend.core.models import Base
from backend.core.resources import Resources
from scripts.wechat.stand_in import APP_ID, SECRET, StandIn
from tests.support.api import *  # noqa: F403

TOKEN = "token-of-the-console"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OPENID = "oCitizen_0000000000000000001"


@pytest.fixture(scope="session")
def _stand_in() -> Iterator[StandIn]:
    server = StandIn()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def stand_in(_stand_in: StandIn) -> StandIn:
    """The platform's API, working and without memories."""
    _stand_in.reset()
    return _stand_in


@pytest.fixture
def mode() -> str:
    """secure, compatible or plain; a class may say otherwise."""
    return "compatible"


@pytest_asyncio.fixture(loop_scope="function")
async def wechat_resources(
    api_resources: Resources, stand_in: StandIn, mode: str
) -> AsyncIterator[Resources]:
    """The backend's resources with the account switched on."""
    settings = api_resources.settings.model_copy(
        update={
            "wechat_app_id": APP_ID,
            "wechat_secret": SecretStr(SECRET),
            "wechat_token": SecretStr(TOKEN),
            "wechat_aes_key": SecretStr(AES_KEY),
            "wechat_mode": mode,
            "wechat_api_url": stand_in.url,
            "wechat_passive_wait_s": 0.0,
        }
    )
    yield replace(api_resources, settings=settings)


@pytest.fixture
def wechat_app(wechat_resources: Resources) -> FastAPI:
    """The application with the channel."""
    app = create_app(wechat_resources.settings)
    app.state.resources = wechat_resources
    app.state.live = LiveUpdates("")
    return app


@dataclass
class Account:
    """The platform's side of the account, spoken by wechatpy."""

    http: httpx.AsyncClient
    clock: FixedClock
    openid: str = OPENID
    sent: int = 0
    crypto: Any = field(default_factory=lambda: WeChatCrypto(TOKEN, AES_KEY, APP_ID))

    @property
    def timestamp(self) -> str:
        """Now, as the platform writes it."""
        return str(int(self.clock.now().timestamp()))

    def xml(self, kind: str, **fields: str) -> str:
        """A message with a MsgId of its own, or an event."""
        self.sent += 1
        head = {
            "ToUserName": "gh_account",
            "FromUserName": self.openid,
            "CreateTime": self.timestamp,
            "MsgType": kind,
        }
        if kind != "event":
            head["MsgId"] = str(7_000_000_000 + self.sent)
        inner = "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in (head | fields).items())
        return f"<xml>{inner}</xml>"

    def query(self, nonce: str | None = None, timestamp: str | None = None) -> dict[str, str]:
        """The signed address of a plain callback."""
        self.sent += 1
        nonce, timestamp = nonce or f"nonce{self.sent}", timestamp or self.timestamp
        signer = WeChatSigner()
        signer.add_data(TOKEN, timestamp, nonce)
        return {"signature": signer.signature, "timestamp": timestamp, "nonce": nonce}

    async def post(self, xml: str | bytes, query: dict[str, str] | None = None) -> httpx.Response:
        """A plain callback."""
        content = xml.encode() if isinstance(xml, str) else xml
        return await self.http.post(
            "/webhooks/wechat", params=self.query() if query is None else query, content=content
        )

    async def post_secure(self, xml: str, **changes: str) -> httpx.Response:
        """An encrypted callback."""
        query = self.query()
        outer = self.crypto.encrypt_message(xml, query["nonce"], query["timestamp"])
        signed = outer.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
        query |= {"encrypt_type": "aes", "msg_signature": signed} | changes
        return await self.http.post("/webhooks/wechat", params=query, content=outer.encode())


@pytest_asyncio.fixture(loop_scope="function")
async def account(wechat_app: FastAPI, clock: FixedClock) -> AsyncIterator[Account]:
    """The platform calling this application."""
    transport = httpx.ASGITransport(wechat_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        yield Account(http, clock)


@pytest.fixture
def deliverer(wechat_resources: Resources) -> Deliverer:
    """The delivery job's work with the account's provider."""
    return Deliverer(wechat_resources, routes(wechat_resources))


@dataclass(frozen=True)
class Stored:
    """What the test's database holds."""

    resources: Resources

    async def count(self, table: type[Base]) -> int:
        """How many rows."""
        async with self.resources.database.transaction() as session:
            return int(await session.scalar(select(func.count()).select_from(table)) or 0)

    async def outbound(self) -> list[OutboundMessage]:
        """All messages to citizens, oldest first."""
        async with self.resources.database.transaction() as session:
            rows = select(OutboundMessage).order_by(OutboundMessage.id)
            return list(await session.scalars(rows.execution_options(populate_existing=True)))

    async def inbound(self) -> list[InboundMessage]:
        """All messages of citizens, oldest first."""
        async with self.resources.database.transaction() as session:
            return list(await session.scalars(select(InboundMessage).order_by(InboundMessage.id)))


@pytest.fixture
def stored(wechat_resources: Resources) -> Stored:
    """A look into the database."""
    return Stored(wechat_resources)
