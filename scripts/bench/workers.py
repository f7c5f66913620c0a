"""How much one worker gets done, and two: turns with the real assistant, texts to a stand-in.

Everything is queued before the first worker starts. The assistant is one process, so turns show how
far it is the limit; texts wait for a provider that takes a tenth of a second, as a real one does.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from backend.conversations import inbound, outbound
from backend.conversations.models import (
    Conversation,
    DeliveryState,
    InboundMessage,
    OutboundMessage,
    TurnState,
)
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Address, Inbound, Reply
from backend.core.resources import Resources
from scripts.bench.figures import load
from scripts.env_file import ROOT
from scripts.fake_twilio import FakeTwilio
from scripts.processes import Child, any_free_port
from scripts.simulate_sms import settings_for
from scripts.stack_resources import stack_resources
from scripts.temporary_stack import TemporaryStack, temporary_stack

TURNS, TEXTS = 150, 400
_SAID = "村口那盏路灯坏了半个月，晚上老人出门都看不见路，麻烦派人来修一下"
_PROVIDER_TAKES_S = 0.1
_DONE_WITHIN_S = 180.0


async def queue_turns(resources: Resources, count: int) -> None:
    """That many citizens have each written once on the chat page."""
    for _ in range(count):
        async with resources.database.transaction() as session:
            rows = ConversationRepository(session, resources.vault)
            message = Inbound("webchat", secrets.token_hex(16), secrets.token_hex(16), _SAID)
            await inbound.accept(rows, resources.clock, message, client_id=message.external_id)


async def queue_texts(resources: Resources, count: int) -> None:
    """That many people are each to be sent one text message."""
    for _ in range(count):
        async with resources.database.transaction() as session:
            rows = ConversationRepository(session, resources.vault)
            to = Address("sms", f"+86138{secrets.randbelow(10**8):08d}")
            await outbound.say(
                rows, resources.clock, to, Reply("您的诉求已办结。"), secrets.token_hex(8)
            )


def _open_turns() -> Select[int]:
    return select(func.count()).where(InboundMessage.turn_state == TurnState.QUEUED)


def _open_texts() -> Select[int]:
    return (
        select(func.count())
        .select_from(OutboundMessage)
        .join(Conversation, Conversation.id == OutboundMessage.conversation_id)
        .where(OutboundMessage.state == DeliveryState.QUEUED, Conversation.channel == "sms")
    )


async def _until_done(resources: Resources, waiting: Select[int]) -> None:
    deadline = time.monotonic() + _DONE_WITHIN_S
    while time.monotonic() < deadline:
        async with resources.database.transaction() as session:
            if not await session.scalar(waiting):
                return
        await asyncio.sleep(0.2)
    raise TimeoutError("the workers do not come to an end")


def rate(ended: Sequence[datetime]) -> float:
    """Messages per second between the first and the last."""
    first, last = min(ended), max(ended)
    return round((len(ended) - 1) / max((last - first).total_seconds(), 1e-6), 1)


@contextmanager
def workers(stack: TemporaryStack, count: int) -> Iterator[None]:
    """So many workers instead of the stack's own, while the block runs."""
    own = stack.children["worker"]
    extra = [
        Child(own.program, own.log.with_name(f"worker-{n}.log"), own.root) for n in range(count)
    ]
    for child in extra:
        child.start()
    try:
        yield
    finally:
        for child in extra:
            child.terminate()
        for child in extra:
            child.reap(time.monotonic() + 30)


async def _turns(resources: Resources, run: Callable[[], Any], since: datetime) -> float:
    await queue_turns(resources, TURNS)
    with run():
        await _until_done(resources, _open_turns())
    async with resources.database.transaction() as session:
        ended = InboundMessage.turn_ended_at
        found = await session.scalars(select(ended).where(InboundMessage.received_at >= since))
        return rate([at for at in found if at is not None])


async def _texts(resources: Resources, run: Callable[[], Any], since: datetime) -> float:
    await queue_texts(resources, TEXTS)
    with run():
        await _until_done(resources, _open_texts())
    async with resources.database.transaction() as session:
        sent = select(OutboundMessage.sent_at).join(
            Conversation, Conversation.id == OutboundMessage.conversation_id
        )
        found = await session.scalars(
            sent.where(OutboundMessage.created_at >= since, Conversation.channel == "sms")
        )
        return rate([at for at in found if at is not None])


async def measure(stack: TemporaryStack, resources: Resources) -> dict[str, Any]:
    """Rates of one and of two workers, and their ratio."""
    figures: dict[str, Any] = {}
    for name, work in (("turns", _turns), ("texts", _texts)):
        rates = [
            await work(resources, lambda n=n: workers(stack, n), resources.clock.now())  # type: ignore[misc]
            for n in (1, 2)
        ]
        figures[name] = {
            "one_worker_per_s": rates[0],
            "two_workers_per_s": rates[1],
            "ratio": round(rates[1] / rates[0], 2),
        }
    return figures | {"load": load()}


def run() -> tuple[dict[str, Any], list[str]]:
    """The figures; no bar."""
    twilio = FakeTwilio(posts_callbacks=False, answers_after_s=_PROVIDER_TAKES_S)
    twilio.start()
    try:
        settings = settings_for(twilio, any_free_port())
        with temporary_stack(ROOT / "var" / "bench-workers", settings) as stack:
            own = stack.children["worker"]
            own.terminate()
            own.reap(time.monotonic() + 30)
            return asyncio.run(_closing(stack)), []
    finally:
        twilio.stop()


async def _closing(stack: TemporaryStack) -> dict[str, Any]:
    resources = stack_resources(stack)
    try:
        return await measure(stack, resources)
    finally:
        await resources.close()
