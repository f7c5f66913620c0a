"""A turn: one message of a citizen goes to the assistant, its answers are stored.

The HTTP call happens outside any transaction. Answers and the turn's end are one transaction; a
worker killed between the two leaves the turn open, and the job runs again. What is sent rather than
fetched goes out next, within the same job; the delivery jobs are the net for a worker killed before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations import outbound, rules
from backend.conversations.assistant import Assistant, Utterance
from backend.conversations.delivery import Routes
from backend.conversations.errors import AssistantUnavailableError
from backend.conversations.models import Conversation, InboundMessage, TurnState
from backend.conversations.ratings import read_rating
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Reply
from backend.conversations.sending import Deliverer
from backend.conversations.wording import sentence
from backend.core.resources import Resources

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _OpenTurn:
    """A stored message that waits for its answer, and what the assistant is asked."""

    row: InboundMessage
    utterance: Utterance


@dataclass(frozen=True, slots=True)
class TurnRunner:
    """Works turns with one process's connections."""

    resources: Resources
    assistant: Assistant
    deliverer: Deliverer

    @property
    def routes(self) -> Routes:
        """How the channels are served."""
        return self.deliverer.routes

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
        async with self.resources.database.transaction() as session:
            turn = await self._oldest_open(session, inbound_id)
        while turn is not None:
            utterance = replace(turn.utterance, is_repeat=failed_attempts > 0)
            try:
                replies = await self.assistant.answer(utterance)
            except AssistantUnavailableError as error:
                log.warning("turn_failed", inbound_id=turn.row.id, cause=str(error))
                if rules.retry_in_s(failed_attempts + 1) is None:
                    await self._give_up(turn)
                    return
                await self._tell_outage(turn)
                raise
            turn, said = await self._finish(turn, TurnState.ANSWERED, replies)
            await self.deliverer.run_now(said)

    async def _oldest_open(self, session: AsyncSession, inbound_id: int) -> _OpenTurn | None:
        repository = ConversationRepository(session, self.resources.vault)
        found = await repository.oldest_open_turn(inbound_id)
        if found is None:
            return None
        row, conversation = found
        text, payload = repository.read_inbound(row)
        utterance = Utterance(
            conversation_id=str(row.conversation_id),
            message_id=f"{row.channel}:{row.id}",
            channel=row.channel,
            text=text,
            payload=payload or await _rated(repository, row, text),
            card_village=_card(conversation, row.received_at),
            number_known=row.channel == "sms",
        )
        return _OpenTurn(row, utterance)

    def _shaped(self, channel: str, replies: Sequence[Reply]) -> Sequence[Reply]:
        route = self.routes.get(channel)
        return route.shape(replies) if route else replies

    async def _finish(
        self, turn: _OpenTurn, state: TurnState, replies: Sequence[Reply]
    ) -> tuple[_OpenTurn | None, list[outbound.Outgoing]]:
        """Store what is said with the turn's end; what else waits in the conversation.

        Returns:
            The next open turn, and what was stored.
        """
        now, said = self.resources.clock.now(), list[outbound.Outgoing]()
        async with self.resources.database.transaction() as session:
            repository = ConversationRepository(session, self.resources.vault)
            conversation = await repository.lock(turn.row.conversation_id)
            if await repository.end_turn(turn.row.id, state, now):
                for position, reply in enumerate(self._shaped(conversation.channel, replies)):
                    key = f"turn:{turn.row.id}:{position}"
                    said.append(
                        await outbound.put(
                            repository, conversation, reply, key, now, turn.row, is_sent_next=True
                        )
                    )
                conversation.outage_told_at = None
                await outbound.announce_answer(session, conversation, turn.row)
            return await self._oldest_open(session, turn.row.id), said

    async def _tell_outage(self, turn: _OpenTurn) -> None:
        """Say once per outage that the message is kept and that nothing is filed yet."""
        now = self.resources.clock.now()
        async with self.resources.database.transaction() as session:
            repository = ConversationRepository(session, self.resources.vault)
            conversation = await repository.lock(turn.row.conversation_id)
            if conversation.outage_told_at is not None:
                return
            notice = Reply(sentence("outage"))
            key = f"outage:{turn.row.id}:{now.isoformat()}"
            await outbound.put(repository, conversation, notice, key, now, turn.row)
            conversation.outage_told_at = now
            await outbound.announce_answer(session, conversation, turn.row)

    async def _give_up(self, turn: _OpenTurn) -> None:
        log.error("turn_abandoned", inbound_id=turn.row.id)
        _, said = await self._finish(turn, TurnState.ABANDONED, [Reply(sentence("gave_up"))])
        await self.deliverer.run_now(said)


def _card(conversation: Conversation, at: datetime) -> str | None:
    """The village of the card scanned before that moment, while it counts."""
    if conversation.card_until is None or conversation.card_until < at:
        return None
    return conversation.card_village


async def _rated(repository: ConversationRepository, row: InboundMessage, text: str) -> str | None:
    """What the assistant hears when a bare digit answers our question for a rating."""
    rating = read_rating(text)
    if rating is None:
        return None
    last = await repository.last_outbound(row.conversation_id, row.seq)
    case_no = repository.read_outbound(last).asks_rating_of if last else None
    return sentence("rating_said", score=rating.score, case_no=case_no) if case_no else None
