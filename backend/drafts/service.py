"""Keeping open drafts, and handing one over to whoever proves that it is theirs.

Proof is the code told in the first conversation, or the very number that the draft gives as its
contact. A draft has one holder at a time; its id stays, and with it the idempotency key of filing.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.privacy import mask_text
from backend.core.resources import Resources
from backend.core.throttle import Limits, Throttle
from backend.drafts.errors import DraftMovedError, DraftNotFoundError
from backend.drafts.models import KeptDraft
from backend.drafts.repository import DraftRepository
from backend.drafts.schemas import (
    Asking,
    ContinuationCode,
    DraftIn,
    Kept,
    Offer,
    OfferAnswer,
    Taken,
    Taking,
    Whereabouts,
)
from backend.phones.service import Phones, phone_hash

KEPT_FOR = timedelta(hours=24)
_PURPOSE = "draft"
_CODES = 1_000_000
_EVERYBODY = "all"
_ALL_TRIES_FACTOR = 10


class DraftService:
    """Open drafts within one request."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._session = session
        self._rows = DraftRepository(session)
        self._phones = Phones(session, resources.vault)
        self._vault = resources.vault
        self._clock = resources.clock
        tries, window_s = resources.settings.status_tries, resources.settings.status_window_s
        self._per_conversation = Throttle("draft_code", tries, window_s)
        self._together = Throttle("draft_code_all", tries * _ALL_TRIES_FACTOR, window_s)

    async def keep(self, draft_id: str, new: DraftIn) -> Kept:
        """Keep the draft as it stands now.

        Raises:
            DraftMovedError: it went on in another conversation.
        """
        now = self._clock.now()
        if await self._rows.moved_to(draft_id, new.conversation_id):
            raise DraftMovedError
        shown: dict[str, str | None] = {
            "draft": new.draft,
            "type": new.type,
            "words": mask_text(new.words),
        }
        values: dict[str, object] = {
            "draft_id": draft_id,
            "conversation_id": new.conversation_id,
            "channel": new.channel,
            "phone_hash": phone_hash(self._vault, new.phone) if new.phone else None,
            "sealed": self._vault.seal(shown, _PURPOSE),
            "updated_at": now,
        }
        if not await self._rows.put(values):
            raise DraftMovedError
        return Kept(kept_until=now + KEPT_FOR)

    async def whereabouts(self, draft_id: str, conversation_id: str) -> Whereabouts:
        """Where the draft went on, if it left this conversation."""
        return Whereabouts(moved_to=await self._rows.moved_to(draft_id, conversation_id))

    async def code(self, draft_id: str, asking: Asking) -> ContinuationCode:
        """A new code for the draft; the one told before is good no more.

        Raises:
            DraftNotFoundError: this conversation has no such draft.
        """
        row = await self._rows.locked(draft_id, asking.conversation_id)
        if row is None:
            raise DraftNotFoundError
        code = await self._free_code()
        row.code_hash, row.code_used_at = self._hash(code), None
        row.updated_at = self._clock.now()
        row.code_until = row.updated_at + KEPT_FOR
        return ContinuationCode(code=code, until=row.code_until)

    async def take(self, taking: Taking) -> Taken:
        """Hand the draft over; asking again from the conversation that has it gives it again.

        Raises:
            DraftNotFoundError: wrong, used or old code, or nothing open with this number.
            TooManyTriesError: too many wrong codes lately, of this conversation or altogether.
        """
        now, me = self._clock.now(), taking.conversation_id
        row = await (self._by_code(taking.code, me) if taking.code else self._by_phone(me))
        if row is None:
            raise DraftNotFoundError
        origin = row.channel
        if row.conversation_id != me:
            await self._rows.move(row, me, taking.channel, now)
        draft = self._vault.open(row.sealed, _PURPOSE)["draft"] or "{}"
        return Taken(draft_id=row.draft_id, channel=origin, draft=draft)

    async def offer(self, asking: Asking) -> OfferAnswer:
        """A draft from elsewhere that gives the number this citizen holds; each is offered once."""
        row = await self._by_phone(asking.conversation_id)
        if row is None or row.offered_at or row.conversation_id == asking.conversation_id:
            return OfferAnswer(offer=None)
        row.offered_at = self._clock.now()
        shown = self._vault.open(row.sealed, _PURPOSE)
        offer = Offer(channel=row.channel, type=shown["type"] or "", words=shown["words"] or "")
        return OfferAnswer(offer=offer)

    async def drop(self, draft_id: str, conversation_id: str) -> None:
        """Forget the draft: it is filed, or taken back."""
        await self._rows.drop(draft_id, conversation_id)

    async def _by_code(self, code: str, me: str) -> KeptDraft | None:
        now = self._clock.now()
        mine = self._vault.keyed_hash("try draft code", me)
        limits = Limits(((self._per_conversation, mine), (self._together, _EVERYBODY)))
        await limits.check(self._session, now)
        row = await self._rows.by_code(self._hash(code), now)
        if row and (row.code_used_at is None or row.conversation_id == me):
            return row
        await limits.record(self._session, now)
        return None

    async def _by_phone(self, me: str) -> KeptDraft | None:
        held = await self._phones.proven_by(me)
        since: datetime = self._clock.now() - KEPT_FOR
        return await self._rows.by_phone(held, me, since) if held else None

    async def _free_code(self) -> str:
        while True:
            code = f"{secrets.randbelow(_CODES):06d}"
            if not await self._rows.code_taken(self._hash(code)):
                return code

    def _hash(self, code: str) -> str:
        return self._vault.keyed_hash("draft code", code)
