"""Taking in a message: store once, queue the turn, in one transaction."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from backend.conversations import outbound, rules
from backend.conversations.errors import EmptyMessageError, MessageTooLongError, TooFastError
from backend.conversations.models import Conversation, InboundMessage, TurnState
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Accepted, Button, Inbound, Reply
from backend.core.clock import Clock
from backend.core.jobs import defer

TURN_TASK = "conversations.turn"
_BUTTONS_OF_LAST = 20


async def accept(
    repository: ConversationRepository, clock: Clock, message: Inbound, *, client_id: str
) -> Accepted:
    """Store the message and queue its turn; a message that is already stored changes nothing.

    Other pages of the same conversation show it at once; where messages are sent there are none.

    Raises:
        EmptyMessageError, MessageTooLongError, TooFastError: nothing was stored.
    """
    _check(message)
    now = clock.now()
    conversation = await repository.open_locked(
        message.channel, message.address, now, keeps_address=message.keeps_address
    )
    known = await repository.stored(message.channel, message.external_id)
    if known is not None:
        return Accepted(str(conversation.id), known.id, known.seq, is_duplicate=True)
    await _check_rate(repository, clock, conversation)
    row = await repository.add_inbound(conversation, message, client_id, now)
    await defer(
        repository.session, TURN_TASK, lock=f"conversation:{conversation.id}", inbound_id=row.id
    )
    if not message.keeps_address:
        await outbound.announce(repository.session, conversation.id)
    return Accepted(str(conversation.id), row.id, row.seq, is_duplicate=False)


async def accept_answered(
    repository: ConversationRepository,
    clock: Clock,
    message: Inbound,
    replies: Sequence[Reply],
    *,
    client_id: str,
) -> InboundMessage | None:
    """Store a message that the channel answers itself, with its answers; ``None``: known already.

    The assistant is not asked.
    """
    now = clock.now()
    conversation = await repository.open_locked(
        message.channel, message.address, now, keeps_address=message.keeps_address
    )
    if await repository.stored(message.channel, message.external_id) is not None:
        return None
    row = await repository.add_inbound(conversation, message, client_id, now)
    await repository.end_turn(row.id, TurnState.ANSWERED, now)
    for position, reply in enumerate(replies):
        await outbound.put(repository, conversation, reply, f"turn:{row.id}:{position}", now, row)
    await outbound.announce(repository.session, conversation.id)
    return row


async def was_offered(
    repository: ConversationRepository, conversation_id: uuid.UUID, chosen: Button
) -> bool:
    """Whether this button was shown to this citizen lately; clients may not invent payloads."""
    return chosen in await repository.offered_buttons(conversation_id, _BUTTONS_OF_LAST)


def _check(message: Inbound) -> None:
    if not message.text:
        raise EmptyMessageError
    if len(message.text) > rules.MAX_MESSAGE_CHARS:
        raise MessageTooLongError(len(message.text))


async def _check_rate(
    repository: ConversationRepository, clock: Clock, conversation: Conversation
) -> None:
    window = timedelta(seconds=rules.RATE_WINDOW_S)
    recent = await repository.received_since(conversation.id, clock.now() - window)
    if len(recent) >= rules.MESSAGES_PER_MINUTE:
        free_at = recent[-rules.MESSAGES_PER_MINUTE] + window
        raise TooFastError(max(1, int((free_at - clock.now()).total_seconds()) + 1))
