"""All queries on conversations and messages."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.identity import address_hash, conversation_id
from backend.conversations.models import (
    Conversation,
    DeliveryState,
    InboundMessage,
    OutboundMessage,
    TurnState,
)
from backend.conversations.schemas import Button, Entry, Inbound, Notice, Reply
from backend.core.db import locked
from backend.core.models import Base
from backend.core.privacy import Vault

# built once: building a statement costs more than running it
_SAME_CONVERSATION = select(InboundMessage.conversation_id).where(
    InboundMessage.id == bindparam("inbound_id")
)
_OLDEST_OPEN_TURN = (
    select(InboundMessage, Conversation)
    .join(Conversation, Conversation.id == InboundMessage.conversation_id)
    .where(
        InboundMessage.conversation_id == _SAME_CONVERSATION.scalar_subquery(),
        InboundMessage.turn_state == TurnState.QUEUED,
    )
    .order_by(InboundMessage.seq)
    .limit(1)
)
_LOCKED = locked(select(Conversation).where(Conversation.id == bindparam("conversation_id")))
_CONVERSATIONS = Base.metadata.tables[Conversation.__tablename__]
_NEW = insert(_CONVERSATIONS).values(
    id=bindparam("new_id"),
    channel=bindparam("of_channel"),
    address_hash=bindparam("of_address"),
    last_seq=0,
    created_at=bindparam("now"),
    last_inbound_at=bindparam("inbound_at"),
    sealed_address=bindparam("sealed"),
)
_KEPT = _CONVERSATIONS.c
_OPEN_LOCKED = (
    select(Conversation)
    .from_statement(
        _NEW.on_conflict_do_update(
            index_elements=["channel", "address_hash"],
            set_={
                "sealed_address": func.coalesce(_KEPT.sealed_address, _NEW.excluded.sealed_address),
                "last_inbound_at": func.coalesce(
                    _NEW.excluded.last_inbound_at, _KEPT.last_inbound_at
                ),
            },
        ).returning(_CONVERSATIONS)
    )
    .execution_options(populate_existing=True)
)
_STORED = select(InboundMessage.id, InboundMessage.seq).where(
    InboundMessage.channel == bindparam("of_channel"),
    InboundMessage.external_id == bindparam("of_external_id"),
)
_RECEIVED_SINCE = (
    select(InboundMessage.received_at)
    .where(
        InboundMessage.conversation_id == bindparam("owner"),
        InboundMessage.received_at > bindparam("since"),
    )
    .order_by(InboundMessage.received_at)
)
_END_TURN = (
    update(InboundMessage)
    .where(
        InboundMessage.id == bindparam("inbound_id"), InboundMessage.turn_state == TurnState.QUEUED
    )
    .values(turn_state=bindparam("state"), turn_ended_at=bindparam("now"))
    .returning(InboundMessage.id)
    .execution_options(synchronize_session=False)
)

_PURPOSE = "message"
_ADDRESS = "conversation-address"


class Stored(NamedTuple):
    """Our id of a message and its number in the conversation."""

    id: int
    seq: int


@dataclass(frozen=True, slots=True)
class ConversationRepository:
    """Conversations inside one session's transaction."""

    session: AsyncSession
    vault: Vault

    async def find(self, conversation_id: uuid.UUID) -> Conversation | None:
        """The conversation, without a lock."""
        return await self.session.get(Conversation, conversation_id, populate_existing=True)

    async def open_locked(
        self,
        channel: str,
        address: str,
        now: datetime,
        *,
        keeps_address: bool = False,
        is_inbound: bool = True,
    ) -> Conversation:
        """The conversation of that address, created if new, locked until the transaction ends.

        ``keeps_address`` seals the address with it, so that messages can be sent there;
        ``is_inbound``: the citizen has just written.
        """
        sealed = self.vault.seal({"address": address}, _ADDRESS) if keeps_address else None
        values = {
            "new_id": conversation_id(self.vault, channel, address),
            "of_channel": channel,
            "of_address": address_hash(self.vault, channel, address),
            "now": now,
            "inbound_at": now if is_inbound else None,
            "sealed": sealed,
        }
        opened: Conversation = (await self.session.scalars(_OPEN_LOCKED, values)).one()
        return opened

    def address_of(self, conversation: Conversation) -> str | None:
        """Where messages of this conversation are sent; ``None`` where they are fetched."""
        if conversation.sealed_address is None:
            return None
        return self.vault.open(conversation.sealed_address, _ADDRESS)["address"]

    async def lock(self, conversation_id: uuid.UUID) -> Conversation:
        """The conversation, locked until the transaction ends."""
        found = await self.session.scalars(_LOCKED, {"conversation_id": conversation_id})
        return found.one()

    async def stored(self, channel: str, external_id: str) -> Stored | None:
        """Where a message is kept that came in before."""
        values = {"of_channel": channel, "of_external_id": external_id}
        found = (await self.session.execute(_STORED, values)).one_or_none()
        return None if found is None else Stored(*found)

    async def received_since(self, conversation_id: uuid.UUID, since: datetime) -> list[datetime]:
        """When messages came in since then, oldest first."""
        values = {"owner": conversation_id, "since": since}
        return list(await self.session.scalars(_RECEIVED_SINCE, values))

    async def add_inbound(
        self, conversation: Conversation, message: Inbound, client_id: str, now: datetime
    ) -> InboundMessage:
        """Store a citizen's message under the next number; the conversation must be locked."""
        conversation.last_seq += 1
        row = InboundMessage(
            conversation_id=conversation.id,
            channel=message.channel,
            external_id=message.external_id,
            client_id=client_id,
            seq=conversation.last_seq,
            sealed=self._seal(message.text, payload=message.payload),
            received_at=now,
            turn_state=TurnState.QUEUED,
            answer_by=message.answer_by,
        )
        self.session.add(row)
        await self.session.flush()
        return row

    async def inbound(self, inbound_id: int) -> InboundMessage | None:
        """A citizen's message as it is stored now."""
        return await self.session.get(InboundMessage, inbound_id, populate_existing=True)

    async def oldest_open_turn(self, inbound_id: int) -> tuple[InboundMessage, Conversation] | None:
        """The oldest unanswered message of the conversation that this message belongs to."""
        found = await self.session.execute(_OLDEST_OPEN_TURN, {"inbound_id": inbound_id})
        row = found.one_or_none()
        return None if row is None else (row[0], row[1])

    def read_inbound(self, row: InboundMessage) -> tuple[str, str | None]:
        """Text and payload of a stored message."""
        opened = self.vault.open(row.sealed, _PURPOSE)
        return opened["text"] or "", opened.get("payload")

    async def end_turn(self, inbound_id: int, state: TurnState, now: datetime) -> bool:
        """Close the turn; ``False`` if another worker closed it before."""
        values = {"inbound_id": inbound_id, "state": state, "now": now}
        return await self.session.scalar(_END_TURN, values) is not None

    async def add_outbound(
        self,
        conversation: Conversation,
        reply: Reply,
        dedupe_key: str,
        now: datetime,
        inbound_id: int | None = None,
    ) -> OutboundMessage:
        """Store a message to the citizen under the next number; the conversation must be locked."""
        conversation.last_seq += 1
        row = OutboundMessage(
            conversation_id=conversation.id,
            inbound_id=inbound_id,
            seq=conversation.last_seq,
            dedupe_key=dedupe_key,
            sealed=self._seal(reply.text, buttons=reply.buttons, **_delivery_parts(reply)),
            is_urgent=reply.is_urgent,
            state=DeliveryState.QUEUED,
            attempts=0,
            created_at=now,
        )
        self.session.add(row)
        await self.session.flush()
        return row

    async def last_outbound(
        self, conversation_id: uuid.UUID, before_seq: int | None = None
    ) -> OutboundMessage | None:
        """What was said last in this conversation (before that number)."""
        said = select(OutboundMessage).where(OutboundMessage.conversation_id == conversation_id)
        if before_seq is not None:
            said = said.where(OutboundMessage.seq < before_seq)
        return await self.session.scalar(said.order_by(OutboundMessage.seq.desc()).limit(1))

    async def has_outbound(self, dedupe_key: str) -> bool:
        """Whether a message with that key is stored."""
        found = await self.session.scalar(
            select(OutboundMessage.id).where(OutboundMessage.dedupe_key == dedupe_key)
        )
        return found is not None

    async def mark_ended(self, conversation_id: uuid.UUID, now: datetime) -> None:
        """The citizen has closed this conversation for good."""
        await self.session.execute(
            update(Conversation).where(Conversation.id == conversation_id).values(ended_at=now)
        )

    async def mark_delivered(
        self, conversation_id: uuid.UUID, up_to_seq: int, now: datetime
    ) -> None:
        """The citizen's page has shown everything up to that number."""
        await self.session.execute(
            update(OutboundMessage)
            .where(
                OutboundMessage.conversation_id == conversation_id,
                OutboundMessage.seq <= up_to_seq,
                OutboundMessage.state.in_([DeliveryState.QUEUED, DeliveryState.SENT]),
            )
            .values(state=DeliveryState.DELIVERED, delivered_at=now)
        )

    async def entries_after(
        self, conversation_id: uuid.UUID, seq: int, limit: int
    ) -> tuple[Entry, ...]:
        """The oldest ``limit`` lines after that number, in order."""
        inbound = await self.session.scalars(
            select(InboundMessage).where(
                InboundMessage.conversation_id == conversation_id,
                InboundMessage.seq.between(seq + 1, seq + limit),
            )
        )
        outbound = await self.session.scalars(
            select(OutboundMessage).where(
                OutboundMessage.conversation_id == conversation_id,
                OutboundMessage.seq.between(seq + 1, seq + limit),
            )
        )
        entries = [self._inbound_entry(row) for row in inbound]
        entries += [self._outbound_entry(row) for row in outbound]
        return tuple(sorted(entries, key=lambda entry: entry.seq))

    async def offered_buttons(self, conversation_id: uuid.UUID, last: int) -> set[Button]:
        """Buttons of the newest messages to the citizen."""
        rows = await self.session.scalars(
            select(OutboundMessage)
            .where(OutboundMessage.conversation_id == conversation_id)
            .order_by(OutboundMessage.seq.desc())
            .limit(last)
        )
        return {button for row in rows for button in self._outbound_entry(row).buttons}

    async def has_open_turn(self, conversation_id: uuid.UUID) -> bool:
        """Whether a message of the citizen waits for its answer."""
        found = await self.session.scalar(
            select(func.count())
            .select_from(InboundMessage)
            .where(
                InboundMessage.conversation_id == conversation_id,
                InboundMessage.turn_state == TurnState.QUEUED,
            )
        )
        return bool(found)

    def read_outbound(self, row: OutboundMessage) -> Reply:
        """What a stored message says, and what its delivery needs."""
        opened = self.vault.open(row.sealed, _PURPOSE)
        return Reply(
            opened["text"] or "",
            buttons=tuple(Button(**item) for item in json.loads(opened.get("buttons") or "[]")),
            is_urgent=row.is_urgent,
            notice=_notice(opened.get("notice")),
            asks_rating_of=opened.get("asks_rating_of"),
        )

    def _seal(
        self,
        text: str,
        *,
        payload: str | None = None,
        buttons: Sequence[Button] = (),
        **more: str | None,
    ) -> str:
        offered = json.dumps([asdict(b) for b in buttons], ensure_ascii=False) if buttons else None
        return self.vault.seal(
            {"text": text, "payload": payload, "buttons": offered, **more}, _PURPOSE
        )

    def _inbound_entry(self, row: InboundMessage) -> Entry:
        text, _ = self.read_inbound(row)
        return Entry(row.seq, "citizen", text, row.received_at, id=row.client_id)

    def _outbound_entry(self, row: OutboundMessage) -> Entry:
        reply = self.read_outbound(row)
        return Entry(
            row.seq,
            "bot",
            reply.text,
            row.created_at,
            buttons=reply.buttons,
            is_urgent=reply.is_urgent,
        )


def _delivery_parts(reply: Reply) -> dict[str, str | None]:
    """What of a reply only its delivery needs, as JSON texts."""
    parts: dict[str, str | None] = {}
    if reply.notice is not None:
        named = {"template": reply.notice.template, "variables": dict(reply.notice.variables)}
        parts["notice"] = json.dumps(named, ensure_ascii=False)
    if reply.asks_rating_of is not None:
        parts["asks_rating_of"] = reply.asks_rating_of
    return parts


def _notice(stored: str | None) -> Notice | None:
    return Notice(**json.loads(stored)) if stored else None
