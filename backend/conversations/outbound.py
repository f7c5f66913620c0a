"""Telling a citizen something: stored first, then announced to whoever shows it."""

import uuid

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Transcript

NOTIFY_CHANNEL = "guanjia_conversation"
PAGE_OF_ENTRIES = 200


async def announce(session: AsyncSession, conversation_id: uuid.UUID) -> None:
    """At commit, wake every backend process that shows this conversation."""
    await session.execute(
        text("select pg_notify(:channel, :id)"),
        {"channel": NOTIFY_CHANNEL, "id": str(conversation_id)},
    )


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
