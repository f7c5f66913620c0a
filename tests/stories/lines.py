"""A citizen's line to us on each channel, as stubborn as a real one.

A message is handed over again until it is acknowledged: the page keeps it in its outbox, the
platforms repeat it with the same id, and in the end the citizen writes it once more.
``taken`` holds the ids of acknowledged messages, ``read`` what the citizen was shown, in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
import urllib.error
import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from backend.channels.webchat.session import COOKIE
from scripts.fake_twilio import Message
from scripts.simulate_sms import Telephone
from scripts.wechat.phone import Phone

_AGAIN_AFTER_S = 1.0
_SMS_TRIES = 4


class Line(Protocol):
    """One citizen on one channel."""

    channel: str
    taken: list[str]

    @property
    def address(self) -> str:
        """Who the citizen is there."""
        ...

    @property
    def read(self) -> list[str]:
        """What was shown, in order."""
        ...

    async def say(self, text: str) -> None:
        """Hand a message over, however long it takes."""
        ...


@dataclass
class WeChatLine:
    """A telephone with WeChat."""

    phone: Phone
    channel: str = "wechat"
    taken: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The OpenID."""
        return self.phone.platform.openid

    @property
    def read(self) -> list[str]:
        """Passive replies and what the API brought."""
        return self.phone.read

    async def say(self, text: str) -> None:
        """As the platform: three tries; then WeChat shows an error and the citizen tries again."""
        while True:
            fields = self.phone.platform.message("text", Content=text)
            delivery = await self.phone.deliver(fields)
            if delivery.acknowledged_s is not None:
                self.taken.append(fields["MsgId"])
                return


@dataclass
class SmsLine:
    """A telephone without WeChat; ``got`` is filled by the provider's stand-in."""

    telephone: Telephone
    channel: str = "sms"
    taken: list[str] = field(default_factory=list)
    got: list[Message] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The number."""
        return self.telephone.phone

    @property
    def read(self) -> list[str]:
        """The texts' bodies."""
        return [str(message["body"]) for message in self.got]

    async def say(self, text: str) -> None:
        """As the provider: some tries with one id; then the citizen sends it again."""
        while True:
            for attempt in range(_SMS_TRIES):
                post = self.telephone.again if attempt else lambda: self.telephone.text(text)
                with contextlib.suppress(urllib.error.URLError, OSError):
                    if await asyncio.to_thread(post) == httpx.codes.OK:
                        self.taken.append(self.telephone.last["MessageSid"])
                        return
                await asyncio.sleep(_AGAIN_AFTER_S)


@dataclass
class ChatLine:
    """The chat page: one WebSocket, opened again whenever it breaks, an outbox of unacknowledged."""

    url: str
    cookie: str
    channel: str = "webchat"
    taken: list[str] = field(default_factory=list)
    shown: dict[int, str] = field(default_factory=dict)
    shown_twice: int = 0
    _outbox: dict[str, str] = field(default_factory=dict)
    _last_seq: int = 0
    _page: ClientConnection | None = None
    _acknowledged: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def opened(cls, url: str, http: httpx.AsyncClient) -> ChatLine:
        """With a session of its own."""
        while True:
            with contextlib.suppress(httpx.TransportError):
                response = await http.get(f"{url}/chat")
                http.cookies.clear()
                return cls(url, response.cookies[COOKIE])
            await asyncio.sleep(_AGAIN_AFTER_S)

    @property
    def address(self) -> str:
        """The session's token."""
        return self.cookie

    @property
    def read(self) -> list[str]:
        """The bot's lines by their number."""
        return [text for _, text in sorted(self.shown.items())]

    async def say(self, text: str) -> None:
        """Into the outbox; ``live`` sends it again after each break until it is acknowledged."""
        message_id = str(uuid.uuid4())
        self._outbox[message_id] = text
        while message_id in self._outbox:
            self._acknowledged.clear()
            with contextlib.suppress(WebSocketException, OSError):
                await self._send(message_id)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._acknowledged.wait(), 10)
        self.taken.append(message_id)

    async def _send(self, message_id: str) -> None:
        if self._page is not None:
            frame = {"type": "message", "id": message_id, "text": self._outbox[message_id]}
            await self._page.send(json.dumps(frame))

    async def live(self) -> None:
        """Keep the page open until cancelled."""
        while True:
            with contextlib.suppress(WebSocketException, InvalidHandshake, OSError):
                async with self._open() as page:
                    await self._talk(page)
            self._page = None
            await asyncio.sleep(_AGAIN_AFTER_S)

    async def look_again(self) -> None:
        """Come back later: the page is opened once more and shows what it lacks."""
        async with self._open() as page:
            await page.send(json.dumps({"type": "hello", "last_seq": self._last_seq}))
            self._take(json.loads(await page.recv()))

    def _open(self) -> connect:
        return connect(
            f"{self.url.replace('http', 'ws', 1)}/chat/ws",
            additional_headers={"Cookie": f"{COOKIE}={self.cookie}"},
            origin=self.url,  # type: ignore[arg-type]
            proxy=None,
        )

    async def _talk(self, page: ClientConnection) -> None:
        await page.send(json.dumps({"type": "hello", "last_seq": self._last_seq}))
        self._page = page
        for message_id in list(self._outbox):
            await self._send(message_id)
        async for raw in page:
            self._take(json.loads(raw))

    def _take(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "ack":
            self._outbox.pop(frame["id"], None)
            self._acknowledged.set()
        for entry in frame.get("messages", ()):
            if entry["from"] == "bot":
                self.shown_twice += entry["seq"] in self.shown
                self.shown[entry["seq"]] = entry["text"]
            self._last_seq = max(self._last_seq, entry["seq"])


async def more_read(line: Line, count: int, within_s: float) -> bool:
    """Wait until the citizen has read more than that many messages."""
    deadline = time.monotonic() + within_s
    while len(line.read) <= count:
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


def new_phone() -> str:
    """A mainland mobile number nobody else in the run has."""
    return f"+86138{secrets.randbelow(10**8):08d}"
