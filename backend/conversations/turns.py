"""A turn: one message of a citizen goes to the assistant, its answers are stored.

The HTTP call happens outside any transaction. Answers and the turn's end are one transaction; a
worker killed between the two leaves the turn open, and the job runs again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from backend.conversations import outbound, rules
from backend.conversations.assistant import Assistant, Utterance
from backend.conversations.delivery import Routes
from backend.conversations.errors import AssistantUnavailableError
from backend.conversations.models import Conversation, InboundMessage, TurnState
from backend.conversations.ratings import read_rating
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
    routes: Routes = field(default_factory=dict)

    async def run(self, inbound_id: int, failed_attempts: int) -> None:
        """Answer this message and whatever else waits in its conversation, oldest first.

        Messages sent in quick succession are answered without a queue's pause between them; their
        own jobs then find nothing to do.

        Args:
            inbound_id: the stored message whose job this is.
            failed_attempts: how often this job failed before.

        Raises:
            AssistantUnavailableError: to be tried again; the citizen has been told once.
        """
        while (open_turn := await self._oldest_open(inbound_id)) is not None:
            waiting_id, utterance = open_turn
            utterance = replace(utterance, is_repeat=failed_attempts > 0)
            try:
                replies = await self.assistant.answer(utterance)
            except AssistantUnavailableError as error:
                log.warning("turn_failed", inbound_id=waiting_id, cause=str(error))
                if rules.retry_in_s(failed_attempts + 1) is None:
                    await self._give_up(waiting_id)
                    return
                await self._tell_outage(waiting_id)
                raise
            await self._finish(waiting_id, TurnState.ANSWERED, replies)

    async def _oldest_open(self, inbound_id: int) -> tuple[int, Utterance] | None:
        async with self.resources.database.transaction() as session:
            repository = ConversationRepository(session, self.resources.vault)
            row = await repository.oldest_open_turn(inbound_id)
            if row is None:
                return None
            text, payload = repository.read_inbound(row)
            last = await repository.last_outbound(row.conversation_id, row.seq)
            said = repository.read_outbound(last) if last else None
            conversation = await repository.find(row.conversation_id)
            return row.id, Utterance(
                conversation_id=str(row.conversation_id),
                message_id=f"{row.channel}:{row.id}",
                channel=row.channel,
                text=text,
                payload=payload or _rated(text, said),
                card_village=_card(conversation, row.received_at),
                number_known=row.channel == "sms",
            )

    def _shaped(self, channel: str, replies: Sequence[Reply]) -> Sequence[Reply]:
        route = self.routes.get(channel)
        return route.shape(replies) if route else replies

    async def _finish(self, inbound_id: int, state: TurnState, replies: Sequence[Reply]) -> None:
        now = self.resources.clock.now()
        async with self.resources.database.transaction() as session:
            repository = ConversationRepository(session, self.resources.vault)
            row = await _existing(repository, inbound_id)
            conversation = await repository.lock(row.conversation_id)
            if not await repository.end_turn(inbound_id, state, now):
                return
            for position, reply in enumerate(self._shaped(conversation.channel, replies)):
                key = f"turn:{inbound_id}:{position}"
                await outbound.put(repository, conversation, reply, key, now, row)
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
            await outbound.put(repository, conversation, notice, key, now, row)
            conversation.outage_told_at = now
            await outbound.announce(session, conversation.id)

    async def _give_up(self, inbound_id: int) -> None:
        log.error("turn_abandoned", inbound_id=inbound_id)
        await self._finish(inbound_id, TurnState.ABANDONED, [Reply(sentence("gave_up"))])


def _card(conversation: Conversation | None, at: datetime) -> str | None:
    """The village of the card scanned before that moment, while it counts."""
    if conversation is None or conversation.card_until is None or conversation.card_until < at:
        return None
    return conversation.card_village


def _rated(text: str, said: Reply | None) -> str | None:
    """What the assistant hears when a bare digit answers our question for a rating."""
    rating = read_rating(text)
    if said is None or said.asks_rating_of is None or rating is None:
        return None
    return sentence("rating_said", score=rating.score, case_no=said.asks_rating_of)


async def _existing(repository: ConversationRepository, inbound_id: int) -> InboundMessage:
    row = await repository.inbound(inbound_id)
    if row is None:
        raise LookupError(f"inbound message {inbound_id} has gone")
    return row
