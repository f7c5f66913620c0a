"""A turn: one message of a citizen goes to the assistant, its answers are stored.

The HTTP call happens outside any transaction. Answers and the turn's end are one transaction; a
worker killed between the two leaves the turn open, and the job runs again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from backend.conversations import outbound, rules
from backend.conversations.assistant import Assistant, Utterance
from backend.conversations.errors import AssistantUnavailableError
from backend.conversations.models import InboundMessage, TurnState
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Reply
from backend.conversations.wording import sentence
from backend.core.resources import Resources

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TurnRunner:
    """Works turns with one process's connections."""

    resources: Resources
    assistant: Assistant

    async def run(self, inbound_id: int, failed_attempts: int) -> None:
        """Answer the message; do nothing if it is answered already.

        Args:
            inbound_id: the stored message.
            failed_attempts: how often this turn failed before.

        Raises:
            AssistantUnavailableError: to be tried again; the citizen has been told once.
        """
        utterance = await self._load(inbound_id)
        if utterance is None:
            return
        try:
            replies = await self.assistant.answer(utterance)
        except AssistantUnavailableError as error:
            log.warning("turn_failed", inbound_id=inbound_id, cause=str(error))
            if rules.retry_in_s(failed_attempts + 1) is None:
                await self._give_up(inbound_id)
                return
            await self._tell_outage(inbound_id)
            raise
        await self._finish(inbound_id, TurnState.ANSWERED, replies)

    async def _load(self, inbound_id: int) -> Utterance | None:
        async with self.resources.database.transaction() as session:
            repository = ConversationRepository(session, self.resources.vault)
            row = await repository.inbound(inbound_id)
            if row is None or row.turn_state != TurnState.QUEUED:
                return None
            text, payload = repository.read_inbound(row)
            return Utterance(
                str(row.conversation_id), f"{row.channel}:{row.id}", row.channel, text, payload
            )

    async def _finish(self, inbound_id: int, state: TurnState, replies: Sequence[Reply]) -> None:
        now = self.resources.clock.now()
        async with self.resources.database.transaction() as session:
            repository = ConversationRepository(session, self.resources.vault)
            row = await _existing(repository, inbound_id)
            conversation = await repository.lock(row.conversation_id)
            if not await repository.end_turn(inbound_id, state, now):
                return
            for position, reply in enumerate(replies):
                key = f"turn:{inbound_id}:{position}"
                await repository.add_outbound(conversation, reply, key, now, inbound_id)
            conversation.outage_told_at = None
            await outbound.announce(session, conversation.id)

    async def _tell_outage(self, inbound_id: int) -> None:
        """Say once per outage that the message is kept and that nothing is filed yet."""
        now = self.resources.clock.now()
        async with self.resources.database.transaction() as session:
            repository = ConversationRepository(session, self.resources.vault)
            row = await _existing(repository, inbound_id)
            conversation = await repository.lock(row.conversation_id)
            if conversation.outage_told_at is not None:
                return
            notice = Reply(sentence("outage"))
            key = f"outage:{inbound_id}:{now.isoformat()}"
            await repository.add_outbound(conversation, notice, key, now)
            conversation.outage_told_at = now
            await outbound.announce(session, conversation.id)

    async def _give_up(self, inbound_id: int) -> None:
        log.error("turn_abandoned", inbound_id=inbound_id)
        await self._finish(inbound_id, TurnState.ABANDONED, [Reply(sentence("gave_up"))])


async def _existing(repository: ConversationRepository, inbound_id: int) -> InboundMessage:
    row = await repository.inbound(inbound_id)
    if row is None:
        raise LookupError(f"inbound message {inbound_id} has gone")
    return row
