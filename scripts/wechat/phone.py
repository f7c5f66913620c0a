"""One citizen's telephone with WeChat, driven by a program: asynchronous, many in one process.

Delivers as the platform does (``Platform``: 5 s, at most three tries with the same MsgId) and keeps
what the citizen reads, whichever way it came.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from scripts.wechat.platform import TIMEOUT_S, TRIES, Platform
from scripts.wechat.stand_in import Sent, StandIn


@dataclass
class Delivery:
    """What became of one message on its way to us; times in seconds since its first try.

    ``acknowledged_s`` is the time of the try that was answered, ``None``: none of the three was.
    """

    acknowledged_s: float | None = None
    since_first_try_s: float = 0.0
    tries: int = 0
    passive: str | None = None


@dataclass
class Phone:
    """``read`` is everything the citizen was shown; ``news`` wakes whoever waits for more."""

    platform: Platform
    http: httpx.AsyncClient
    read: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, fields: dict[str, str], cut_after_s: Sequence[float] = ()) -> Delivery:
        """Hand one callback over; ``cut_after_s``: the line breaks that early in the first tries."""
        delivery, first = Delivery(), time.monotonic()
        for patience_s in (*cut_after_s, *[TIMEOUT_S] * (TRIES - len(cut_after_s))):
            delivery.tries += 1
            started = time.monotonic()
            response = await self._try(fields, patience_s)
            if response is not None and response.status_code == httpx.codes.OK:
                delivery.acknowledged_s = time.monotonic() - started
                delivery.passive = self.platform.reply_text(response.content)
                break
            if patience_s == TIMEOUT_S:
                await asyncio.sleep(max(0.0, TIMEOUT_S - (time.monotonic() - started)))
        delivery.since_first_try_s = time.monotonic() - first
        if delivery.passive is not None:
            self.show(delivery.passive)
        return delivery

    async def _try(self, fields: dict[str, str], patience_s: float) -> httpx.Response | None:
        request = self.platform.request(fields)
        try:
            async with asyncio.timeout(patience_s):
                return await self.http.post(
                    self.platform.url,
                    params=request.query,
                    content=request.body,
                    headers={"Content-Type": "text/xml"},
                )
        except (TimeoutError, httpx.TransportError):
            return None

    def show(self, text: str) -> None:
        """The citizen reads it."""
        self.read.append(text)
        self.news.set()

    async def more_than(self, count: int, within_s: float) -> bool:
        """Wait until more than that many messages were read."""
        deadline = time.monotonic() + within_s
        while len(self.read) <= count:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            self.news.clear()
            try:
                async with asyncio.timeout(left_s):
                    await self.news.wait()
            except TimeoutError:
                continue
        return True


@dataclass
class Exchange:
    """Hands what the API's stand-in takes to the telephone it is for."""

    stand_in: StandIn
    phones: dict[str, Phone] = field(default_factory=dict)

    def connect(self) -> None:
        """From now on; call it inside the event loop of the telephones."""
        loop = asyncio.get_running_loop()

        def take(sent: Sent) -> None:
            loop.call_soon_threadsafe(self._hand_over, sent)

        self.stand_in.on_send = take

    def _hand_over(self, sent: Sent) -> None:
        phone = self.phones.get(str(sent.body["touser"]))
        if phone is not None:
            phone.show(sent.text)

    def join(self, platform: Platform, http: httpx.AsyncClient) -> Phone:
        """A new citizen's telephone."""
        phone = Phone(platform, http)
        self.phones[platform.openid] = phone
        return phone
