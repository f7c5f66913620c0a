"""Taking a verified callback in: everything it changes is one transaction."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backend.channels.wechat.errors import NotFromWeChatError
from backend.channels.wechat.interpretation import (
    Answered,
    Left,
    Meaning,
    Nothing,
    Reported,
    Said,
    interpret,
    window_of,
)
from backend.channels.wechat.payloads import Callback
from backend.channels.wechat.repository import WeChatRepository
from backend.channels.wechat.wording import sentence
from backend.conversations import inbound, rules
from backend.conversations.delivery_repository import DeliveryRepository
from backend.conversations.errors import EmptyMessageError, MessageTooLongError, TooFastError
from backend.conversations.evidence import EvidenceRepository
from backend.conversations.identity import conversation_id
from backend.conversations.models import DeliveryState
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Inbound, Reply
from backend.conversations.sending import record_report
from backend.core.jobs import defer
from backend.core.resources import Resources

CHANNEL = "wechat"
PHOTO_TASK = "wechat.photo"
_ANSWER_MARGIN_S = 0.5


@dataclass(frozen=True, slots=True)
class Verified:
    """A callback with what proved it; ``body`` is the clear XML."""

    callback: Callback
    timestamp: str
    nonce: str
    body: bytes
    is_secure: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What is stored. ``refusal`` is said at once because the message was not taken.

    ``is_queued``: the assistant has just been asked, so there is no answer before there is news.
    """

    inbound_id: int | None = None
    refusal: str | None = None
    is_queued: bool = False


@dataclass(frozen=True, slots=True)
class Taking:
    """Takes callbacks in with one process's connections.

    ``wait_s``: so long the callback itself may carry the answer back.
    """

    resources: Resources
    wait_s: float

    async def take(self, verified: Verified) -> Taken:
        """Store a callback; the same one again changes nothing and finds what it stored.

        Raises:
            NotFromWeChatError: the nonce was used for another message; nothing was stored.
        """
        callback, now = verified.callback, self.resources.clock.now()
        meaning = interpret(callback)
        try:
            async with self.resources.database.transaction() as session:
                rows = WeChatRepository(session)
                body = verified.body
                if not await rows.spend_nonce(verified.timestamp, verified.nonce, body, now):
                    raise NotFromWeChatError
                return await self._apply(session, callback, meaning)
        except (EmptyMessageError, MessageTooLongError, TooFastError) as error:
            return Taken(refusal=sentence(error.code, **error.extra))

    async def _apply(self, session: AsyncSession, callback: Callback, meaning: Meaning) -> Taken:
        match meaning:
            case Said() | Answered():
                return await self._store(session, callback, meaning)
            case Left():
                await self._note_left(session, callback)
            case Reported():
                await self._record(session, meaning)
            case Nothing():
                pass
        return Taken()

    async def _store(
        self, session: AsyncSession, callback: Callback, meaning: Said | Answered
    ) -> Taken:
        conversations = ConversationRepository(session, self.resources.vault)
        known = await conversations.stored(CHANNEL, callback.external_id)
        if known is not None:
            return Taken(known.id)
        if isinstance(meaning, Said):
            taken = await self._ask(conversations, callback, meaning)
        else:
            taken = await self._answer(conversations, callback, meaning)
        await self._open_window(session, callback)
        return taken

    async def _ask(
        self, conversations: ConversationRepository, callback: Callback, meaning: Said
    ) -> Taken:
        accepted = await inbound.accept(
            conversations,
            self.resources.clock,
            self._inbound(callback, meaning.text),
            client_id=callback.external_id,
        )
        return Taken(accepted.inbound_id, is_queued=not accepted.is_duplicate)

    async def _answer(
        self, conversations: ConversationRepository, callback: Callback, meaning: Answered
    ) -> Taken:
        row = await inbound.accept_answered(
            conversations,
            self.resources.clock,
            self._inbound(callback, meaning.shown),
            [Reply(meaning.answer)],
            client_id=callback.external_id,
        )
        if row is not None:
            await self._keep_extras(conversations, meaning, row.conversation_id, row.id)
            return Taken(row.id)
        known = await conversations.stored(CHANNEL, callback.external_id)
        return Taken(known.id if known else None)

    async def _keep_extras(
        self,
        conversations: ConversationRepository,
        meaning: Answered,
        owner: uuid.UUID,
        inbound_id: int,
    ) -> None:
        """The photo to fetch; the place of the card."""
        now, session = self.resources.clock.now(), conversations.session
        if meaning.photo is not None:
            photos = EvidenceRepository(session, self.resources.vault)
            expected = await photos.expect(owner, inbound_id, meaning.photo, now)
            await defer(session, PHOTO_TASK, evidence_id=expected.id)
        if meaning.card_village is not None:
            conversation = await conversations.lock(owner)
            conversation.card_village = meaning.card_village
            conversation.card_until = now + timedelta(hours=rules.CARD_HOURS)

    def _inbound(self, callback: Callback, text: str) -> Inbound:
        answer_by = self.resources.clock.now() + timedelta(seconds=self.wait_s + _ANSWER_MARGIN_S)
        return Inbound(
            channel=CHANNEL,
            address=callback.openid,
            external_id=callback.external_id,
            text=rules.clean_text(text),
            keeps_address=True,
            answer_by=answer_by if self.wait_s else None,
        )

    async def _open_window(self, session: AsyncSession, callback: Callback) -> None:
        window = window_of(callback)
        if window is None:
            return
        seconds, count = window
        now = self.resources.clock.now()
        owner = conversation_id(self.resources.vault, CHANNEL, callback.openid)
        until = now + timedelta(seconds=seconds)
        await WeChatRepository(session).open_window(owner, until, count, now)

    async def _note_left(self, session: AsyncSession, callback: Callback) -> None:
        conversations = ConversationRepository(session, self.resources.vault)
        owner = conversation_id(self.resources.vault, CHANNEL, callback.openid)
        if await conversations.find(owner) is not None:
            await WeChatRepository(session).close(owner)

    async def _record(self, session: AsyncSession, report: Reported) -> None:
        deliveries = DeliveryRepository(session)
        row = await deliveries.lock_by_receipt(CHANNEL, report.receipt)
        if row is None:
            return
        clock = self.resources.clock
        state = DeliveryState.FAILED if report.reason else DeliveryState.DELIVERED
        await record_report(deliveries, row, state, clock.now(), report.reason)
