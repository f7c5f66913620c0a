"""Telling a citizen something: stored first, then announced to whoever shows or sends it."""

import uuid
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Conversation, InboundMessage, OutboundMessage
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Address, Reply, Transcript
from backend.core.clock import Clock
from backend.core.jobs import defer

NOTIFY_CHANNEL = "guanjia_conversation"
DELIVERY_TASK = "conversations.deliver"
PAGE_OF_ENTRIES = 200
NOTICE_KEY = "notice"
"""Keys of notices are ``notice:case:event:follower:channel``."""
_NET_S = 10
"""How long the job waits for who sends the message without it."""


class Outgoing(NamedTuple):
    """A stored message; ``net``: the job that sends it should the caller not."""

    row: OutboundMessage
    net: int | None = None


async def announce(session: AsyncSession, conversation_id: uuid.UUID) -> None:
    """At commit, wake every backend process that shows this conversation."""
    await session.execute(
        text("select pg_notify(:channel, :id)"),
        {"channel": NOTIFY_CHANNEL, "id": str(conversation_id)},
    )


async def announce_answer(
    session: AsyncSession, conversation: Conversation, answered: InboundMessage
) -> None:
    """Wake whoever waits for this answer: a page, or the channel's own callback.

    Where answers are sent and no callback is held, nobody waits, and nobody is woken.
    """
    if conversation.sealed_address is None or answered.answer_by is not None:
        await announce(session, conversation.id)


async def put(
    repository: ConversationRepository,
    conversation: Conversation,
    reply: Reply,
    dedupe_key: str,
    now: datetime,
    answers: InboundMessage | None = None,
    *,
    is_sent_next: bool = False,
) -> Outgoing:
    """Store one message and queue its delivery where it is sent rather than fetched.

    The conversation must be locked. A message that ``answers`` one whose channel still waits is
    left to that channel until then. ``is_sent_next``: the caller sends it after the commit, and
    the job is the net under that.
    """
    inbound_id = answers.id if answers else None
    row = await repository.add_outbound(conversation, reply, dedupe_key, now, inbound_id)
    if conversation.sealed_address is None:
        return Outgoing(row)
    waits_until = answers.answer_by if answers else None
    if waits_until and waits_until > now:
        await queue_delivery(repository.session, row, waits_until)
        return Outgoing(row)
    not_before = now + timedelta(seconds=_NET_S) if is_sent_next else None
    net = await queue_delivery(repository.session, row, not_before)
    return Outgoing(row, net if is_sent_next else None)


async def queue_delivery(
    session: AsyncSession, row: OutboundMessage, not_before: datetime | None = None
) -> int:
    """Queue the job that sends a stored message, after the conversation's earlier ones; its id."""
    lock = f"delivery:{row.conversation_id}"
    return await defer(session, DELIVERY_TASK, lock=lock, not_before=not_before, outbound_id=row.id)


async def say(
    repository: ConversationRepository, clock: Clock, to: Address, reply: Reply, dedupe_key: str
) -> OutboundMessage | None:
    """Write to someone who has not just written to us; ``None`` if that key was used before."""
    now = clock.now()
    conversation = await repository.open_locked(
        to.channel, to.address, now, keeps_address=True, is_inbound=False
    )
    if await repository.has_outbound(dedupe_key):
        return None
    row = (await put(repository, conversation, reply, dedupe_key, now)).row
    await announce(repository.session, conversation.id)
    return row


async def transcript_after(
    repository: ConversationRepository, conversation_id: uuid.UUID, seq: int | None
) -> Transcript:
    """What a page that has seen everything up to ``seq`` lacks; ``None`` asks for the newest part.

    At most ``PAGE_OF_ENTRIES`` lines at once; ask again with the last number for the rest.
    """
    conversation = await repository.find(conversation_id)
    if conversation is None:
        return Transcript((), "idle")
    start = max(conversation.last_seq - PAGE_OF_ENTRIES, 0) if seq is None else seq
    entries = await repository.entries_after(conversation.id, start, PAGE_OF_ENTRIES)
    if not await repository.has_open_turn(conversation.id):
        return Transcript(entries, "idle")
    return Transcript(entries, "delayed" if conversation.outage_told_at else "answering")
