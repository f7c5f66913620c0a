"""All queries on open drafts."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.db import locked
from backend.drafts.models import KeptDraft, MovedDraft


@dataclass(frozen=True, slots=True)
class DraftRepository:
    """Drafts inside one session's transaction."""

    session: AsyncSession

    async def put(self, values: dict[str, object]) -> bool:
        """Keep a draft as it stands; ``False`` if it is another conversation's."""
        row = insert(KeptDraft).values(values)
        mine = KeptDraft.conversation_id == values["conversation_id"]
        stored = row.on_conflict_do_update(
            index_elements=["draft_id"],
            set_={name: row.excluded[name] for name in values if name != "draft_id"},
            where=mine,
        )
        return await self.session.scalar(stored.returning(KeptDraft.draft_id)) is not None

    async def locked(self, draft_id: str, conversation_id: str) -> KeptDraft | None:
        """A draft of this conversation, kept from others."""
        found = select(KeptDraft).where(
            KeptDraft.draft_id == draft_id, KeptDraft.conversation_id == conversation_id
        )
        return await self._one_locked(found)

    async def by_code(self, code_hash: str, now: datetime) -> KeptDraft | None:
        """The draft that this code was told for and is still good for, kept from others."""
        found = select(KeptDraft).where(
            KeptDraft.code_hash == code_hash, KeptDraft.code_until > now
        )
        return await self._one_locked(found)

    async def by_phone(
        self, phone_hash: str, conversation_id: str, since: datetime
    ) -> KeptDraft | None:
        """The newest draft that gives this number, one from elsewhere first, kept from others."""
        found = (
            select(KeptDraft)
            .where(KeptDraft.phone_hash == phone_hash, KeptDraft.updated_at > since)
            .order_by(
                KeptDraft.conversation_id == conversation_id,
                KeptDraft.updated_at.desc(),
                KeptDraft.draft_id,
            )
            .limit(1)
        )
        return await self._one_locked(found)

    async def code_taken(self, code_hash: str) -> bool:
        """Whether another draft has this code."""
        found = select(KeptDraft.draft_id).where(KeptDraft.code_hash == code_hash)
        return await self.session.scalar(found) is not None

    async def moved_to(self, draft_id: str, conversation_id: str) -> str | None:
        """The channel in which the draft went on after it left this conversation."""
        found = select(MovedDraft.to_channel).where(
            MovedDraft.draft_id == draft_id, MovedDraft.conversation_id == conversation_id
        )
        return await self.session.scalar(found)

    async def move(self, row: KeptDraft, conversation_id: str, channel: str, now: datetime) -> None:
        """Hand the draft over to another conversation."""
        left = insert(MovedDraft).values(
            draft_id=row.draft_id, conversation_id=row.conversation_id, to_channel=channel, at=now
        )
        await self.session.execute(left.on_conflict_do_nothing())
        back = delete(MovedDraft).where(
            MovedDraft.draft_id == row.draft_id, MovedDraft.conversation_id == conversation_id
        )
        await self.session.execute(back)
        row.conversation_id, row.channel = conversation_id, channel
        row.code_used_at = row.updated_at = now
        await self.session.flush()

    async def drop(self, draft_id: str, conversation_id: str) -> None:
        """Forget a draft of this conversation."""
        gone = delete(KeptDraft).where(
            KeptDraft.draft_id == draft_id, KeptDraft.conversation_id == conversation_id
        )
        await self.session.execute(gone)

    async def _one_locked(self, found: Select[KeptDraft]) -> KeptDraft | None:
        row: KeptDraft | None = await self.session.scalar(locked(found))
        return row
