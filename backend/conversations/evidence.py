"""Photos as evidence: checked, turned upright, re-encoded without metadata, sealed."""

import base64
import hashlib
import io
import uuid
import warnings
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.conversations.models import Evidence, EvidenceState
from backend.core.privacy import Vault

MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 1920
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_QUALITY = 85
_PURPOSE = "evidence"


class UnusablePhotoError(Exception):
    """``reason``: too_big, not_a_photo, too_many_pixels."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Photo:
    """A JPEG that holds pixels and nothing else."""

    jpeg: bytes
    width: int
    height: int


def cleaned(raw: bytes) -> Photo:
    """Re-encode what somebody sent; takes about 0.2 s for a phone's photo, so use a thread.

    Raises:
        UnusablePhotoError: too large, too many pixels, or no picture of a usual kind.
    """
    if len(raw) > MAX_PHOTO_BYTES:
        raise UnusablePhotoError("too_big")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(raw), formats=_FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                raise UnusablePhotoError("too_many_pixels")
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((MAX_SIDE, MAX_SIDE))
            return _as_jpeg(upright.convert("RGB"))
    except Image.DecompressionBombError as error:
        raise UnusablePhotoError("too_many_pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise UnusablePhotoError("not_a_photo") from error


def _as_jpeg(picture: Image.Image) -> Photo:
    """Pixels are copied into a new image: no EXIF, no comment, no thumbnail comes along."""
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    target = io.BytesIO()
    bare.save(target, "JPEG", quality=_QUALITY, optimize=True)
    return Photo(target.getvalue(), bare.width, bare.height)


@dataclass(frozen=True, slots=True)
class EvidenceRepository:
    """Evidence inside one session's transaction."""

    session: AsyncSession
    vault: Vault

    async def expect(
        self, conversation_id: uuid.UUID, inbound_id: int, source: str, now: datetime
    ) -> Evidence:
        """Note that a photo is to be fetched from its provider."""
        row = Evidence(
            conversation_id=conversation_id,
            inbound_id=inbound_id,
            state=EvidenceState.PENDING,
            source=self.vault.seal({"source": source}, _PURPOSE),
            created_at=now,
        )
        self.session.add(row)
        await self.session.flush()
        return row

    async def lock(self, evidence_id: int) -> Evidence | None:
        """The photo's row, locked until the transaction ends."""
        found = await self.session.scalars(
            select(Evidence)
            .where(Evidence.id == evidence_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return found.one_or_none()

    def source_of(self, row: Evidence) -> str | None:
        """Where its provider keeps the original."""
        return self.vault.open(row.source, _PURPOSE)["source"] if row.source else None

    def keep(self, row: Evidence, photo: Photo, now: datetime) -> None:
        """Store the cleaned photo."""
        encoded = base64.b64encode(photo.jpeg).decode()
        row.sealed = self.vault.seal({"jpeg": encoded}, _PURPOSE)
        row.media_type, row.width, row.height = "image/jpeg", photo.width, photo.height
        row.sha256 = hashlib.sha256(photo.jpeg).hexdigest()
        row.state, row.kept_at, row.source = EvidenceState.KEPT, now, None

    def refuse(self, row: Evidence, reason: str) -> None:
        """The photo cannot be kept."""
        row.state, row.refusal, row.source = EvidenceState.REFUSED, reason, None

    def read(self, row: Evidence) -> bytes | None:
        """The JPEG, if it is here."""
        if row.sealed is None:
            return None
        return base64.b64decode(self.vault.open(row.sealed, _PURPOSE)["jpeg"] or "")

    async def of_conversation(self, conversation_id: uuid.UUID) -> list[Evidence]:
        """All photos of a conversation, oldest first."""
        found = await self.session.scalars(
            select(Evidence)
            .where(Evidence.conversation_id == conversation_id)
            .order_by(Evidence.id)
        )
        return list(found)
