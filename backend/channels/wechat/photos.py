"""Fetching a photo that somebody sent, while the platform still has it."""

import asyncio
from dataclasses import dataclass

import structlog

from backend.channels.wechat.client import WeChatClient
from backend.channels.wechat.wording import photo_refusal
from backend.conversations import outbound, rules
from backend.conversations.delivery import (
    PermanentDeliveryError,
    RetryableDeliveryError,
    UnknownDeliveryError,
)
from backend.conversations.evidence import (
    MAX_PHOTO_BYTES,
    EvidenceRepository,
    Photo,
    UnusablePhotoError,
    cleaned,
)
from backend.conversations.models import EvidenceState
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Reply
from backend.conversations.sending import TryLater
from backend.core.resources import Resources

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PhotoFetcher:
    """Fetches with one process's connections."""

    resources: Resources
    client: WeChatClient

    async def run(self, evidence_id: int, failed_attempts: int) -> None:
        """Fetch, clean and keep one photo, or tell the citizen why not.

        Raises:
            TryLater: the platform did not give it yet.
        """
        media_id = await self._wanted(evidence_id)
        if media_id is None:
            return
        try:
            raw = await self.client.media(media_id, MAX_PHOTO_BYTES)
            photo = await asyncio.to_thread(cleaned, raw)
        except (RetryableDeliveryError, UnknownDeliveryError) as error:
            wait_s = rules.delivery_retry_in_s(failed_attempts + 1)
            if wait_s is not None:
                raise TryLater(wait_s) from error
            await self._refuse(evidence_id, "gone")
        except PermanentDeliveryError as error:
            await self._refuse(evidence_id, error.reason)
        except UnusablePhotoError as error:
            await self._refuse(evidence_id, error.reason)
        else:
            await self._keep(evidence_id, photo)

    async def _wanted(self, evidence_id: int) -> str | None:
        async with self.resources.database.transaction() as session:
            photos = EvidenceRepository(session, self.resources.vault)
            row = await photos.lock(evidence_id)
            if row is None or row.state != EvidenceState.PENDING:
                return None
            return photos.source_of(row)

    async def _keep(self, evidence_id: int, photo: Photo) -> None:
        async with self.resources.database.transaction() as session:
            photos = EvidenceRepository(session, self.resources.vault)
            row = await photos.lock(evidence_id)
            if row is not None and row.state == EvidenceState.PENDING:
                photos.keep(row, photo, self.resources.clock.now())

    async def _refuse(self, evidence_id: int, reason: str) -> None:
        now = self.resources.clock.now()
        log.warning("photo_refused", evidence_id=evidence_id, cause=reason)
        async with self.resources.database.transaction() as session:
            photos = EvidenceRepository(session, self.resources.vault)
            row = await photos.lock(evidence_id)
            if row is None or row.state != EvidenceState.PENDING or row.conversation_id is None:
                return
            photos.refuse(row, reason)
            conversations = ConversationRepository(session, self.resources.vault)
            conversation = await conversations.lock(row.conversation_id)
            told = Reply(photo_refusal(reason))
            await outbound.put(conversations, conversation, told, f"photo:{evidence_id}", now)
            await outbound.announce(session, conversation.id)
