"""The passive reply: the answer travels back in the callback's own response, if it is soon ready.

Claiming marks the messages as begun, so the delivery job leaves them alone; the mark that they
went is set after the response has left. When the platform repeats the callback, it did not get the
response, so the same words are given again. Nothing is claimed for a caller who has hung up.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from backend.channels.wechat.channel import Taken
from backend.channels.wechat.text import MAX_TEXT_BYTES
from backend.conversations.delivery_repository import DeliveryRepository
from backend.conversations.models import DeliveryState, OutboundMessage, TurnState
from backend.conversations.repository import ConversationRepository
from backend.core.metrics import DELIVERIES
from backend.core.resources import Resources

_MOST_WAITING = 16
"""One assistant answers about that many messages in the time a callback waits."""
_WITHOUT_API_S = 1.0
"""Who waits longer has no other way: accounts without the customer-service API."""


def passive_wait_s(longest_s: float, waiting: int, *, is_late: bool = False) -> float:
    """How long a callback waits for its answer while so many do, itself counted.

    Behind a crowd no answer is ready in time: acknowledged at once, it is sent by the API as soon as
    it is there. ``is_late``: the last one waited in vain, so one at a time finds out how it is now.
    """
    most = 1 if is_late else _MOST_WAITING
    is_crowd = waiting > most and longest_s <= _WITHOUT_API_S
    return 0.0 if is_crowd else longest_s


@dataclass(frozen=True, slots=True)
class Claim:
    """What to answer now; an empty ``text`` with ``is_over`` means that nothing will come.

    ``is_late``: the time was over before there was an answer.
    """

    text: str = ""
    outbound_ids: tuple[int, ...] = ()
    is_over: bool = False
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class PassiveReplies:
    """Waits for answers with one process's connections."""

    resources: Resources

    async def wait(
        self,
        taken: Taken,
        until: float,
        has_hung_up: Callable[[], Awaitable[bool]],
        news: asyncio.Event,
    ) -> Claim:
        """The answer to a stored callback, claimed, or an empty claim at that time of the loop.

        Who has hung up gets nothing: what was claimed at that moment goes the other way. ``news``
        is what the caller has subscribed to since before the message was stored.
        """
        if taken.inbound_id is None:
            return Claim(is_over=True)
        claim = await self._wait(not taken.is_queued, taken.inbound_id, until, has_hung_up, news)
        if claim.text and await has_hung_up():
            await self._give_back(claim.outbound_ids)
            return Claim()
        return claim

    async def _wait(
        self,
        is_looking: bool,
        inbound_id: int,
        until: float,
        has_hung_up: Callable[[], Awaitable[bool]],
        news: asyncio.Event,
    ) -> Claim:
        loop = asyncio.get_running_loop()
        while not await has_hung_up():
            left_s = until - loop.time()
            claim = Claim()
            if is_looking or news.is_set():
                news.clear()
                claim = await self._claim(inbound_id)
            if claim.text or claim.is_over:
                return claim
            if left_s <= 0:
                return Claim(is_late=True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), left_s)
            is_looking = True
        return Claim()

    async def _give_back(self, outbound_ids: Sequence[int]) -> None:
        """Claimed, but the response will reach nobody: the delivery job is to send it."""
        now = self.resources.clock.now()
        async with self.resources.database.transaction() as session:
            deliveries = DeliveryRepository(session)
            for outbound_id in outbound_ids:
                row = await deliveries.lock(outbound_id)
                if row is None or row.state != DeliveryState.QUEUED:
                    continue
                row.attempt_at, row.via = None, None
                await deliveries.note(row, "hung_up", now)

    async def _claim(self, inbound_id: int) -> Claim:
        now, via = self.resources.clock.now(), f"passive:{inbound_id}"
        async with self.resources.database.transaction() as session:
            deliveries = DeliveryRepository(session)
            conversations = ConversationRepository(session, self.resources.vault)
            found = await deliveries.claimable(inbound_id, via)
            if again := [row for row in found if row.via == via]:
                ids = tuple(row.id for row in again)
                return Claim(self._text(conversations, again), ids)
            chosen = self._fitting(conversations, found)
            for row in chosen:
                row.attempt_at, row.via = now, via
                row.attempts += 1
                await deliveries.note(row, "begun", now)
            if chosen:
                ids = tuple(row.id for row in chosen)
                return Claim(self._text(conversations, chosen), ids)
            asked = await conversations.inbound(inbound_id)
            return Claim(is_over=asked is None or asked.turn_state != TurnState.QUEUED)

    async def confirm(self, outbound_ids: Sequence[int]) -> None:
        """The response with these messages has left."""
        now = self.resources.clock.now()
        async with self.resources.database.transaction() as session:
            deliveries = DeliveryRepository(session)
            for outbound_id in outbound_ids:
                row = await deliveries.lock(outbound_id)
                if row is None or row.state not in (DeliveryState.QUEUED, DeliveryState.UNKNOWN):
                    continue
                row.state, row.sent_at, row.attempt_at = DeliveryState.SENT, now, None
                row.failure = None
                await deliveries.note(row, "sent", now)
                DELIVERIES.labels("passive", "sent").inc()

    @staticmethod
    def _fitting(
        conversations: ConversationRepository, rows: Sequence[OutboundMessage]
    ) -> list[OutboundMessage]:
        """As many messages as one reply holds; the others are sent by their jobs."""
        chosen: list[OutboundMessage] = []
        size = 0
        for row in rows:
            size += len(conversations.read_outbound(row).text.encode()) + (1 if chosen else 0)
            if size > MAX_TEXT_BYTES:
                break
            chosen.append(row)
        return chosen

    @staticmethod
    def _text(conversations: ConversationRepository, rows: Sequence[OutboundMessage]) -> str:
        return "\n".join(conversations.read_outbound(row).text for row in rows)
