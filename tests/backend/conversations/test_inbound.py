"""Taking in a message: row and job together or not at all."""

import uuid

import pytest
from sqlalchemy import text

from backend.conversations import inbound
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Accepted, Inbound
from backend.core.resources import Resources


def message(address: str, external_id: str) -> Inbound:
    return Inbound(channel="sms", address=address, external_id=external_id, text="路灯坏了")


async def take(resources: Resources, sent: Inbound, *, fail: bool = False) -> Accepted:
    async with resources.database.transaction() as session:
        repository = ConversationRepository(session, resources.vault)
        accepted = await inbound.accept(repository, resources.clock, sent, client_id="c")
        if fail:
            raise ConnectionError("the line broke before the commit")
    return accepted


async def jobs_of(resources: Resources, accepted: Accepted) -> int:
    async with resources.database.transaction() as session:
        found = await session.scalar(
            text("select count(*) from procrastinate_jobs where lock = :lock"),
            {"lock": f"conversation:{accepted.conversation_id}"},
        )
    return int(found or 0)


class TestAccept:
    async def test_stores_the_message_with_its_job(self, resources: Resources) -> None:
        accepted = await take(resources, message("13800001234", uuid.uuid4().hex))
        assert accepted.seq == 1
        assert await jobs_of(resources, accepted) == 1

    async def test_a_webhook_delivered_twice_changes_nothing(self, resources: Resources) -> None:
        sent = message("13800001235", uuid.uuid4().hex)
        first, again = await take(resources, sent), await take(resources, sent)
        assert (first.is_duplicate, again.is_duplicate) == (False, True)
        assert again.seq == first.seq
        assert await jobs_of(resources, first) == 1

    async def test_a_failed_transaction_leaves_neither(self, resources: Resources) -> None:
        sent = message("13800001236", uuid.uuid4().hex)
        with pytest.raises(ConnectionError):
            await take(resources, sent, fail=True)
        accepted = await take(resources, sent)
        assert not accepted.is_duplicate
        assert await jobs_of(resources, accepted) == 1

    async def test_a_conversation_is_one_citizen_on_one_channel(self, resources: Resources) -> None:
        one = await take(resources, message("13800001237", uuid.uuid4().hex))
        same = await take(resources, message("13800001237", uuid.uuid4().hex))
        other = await take(resources, message("13800001238", uuid.uuid4().hex))
        assert one.conversation_id == same.conversation_id != other.conversation_id
        assert (one.seq, same.seq, other.seq) == (1, 2, 1)
