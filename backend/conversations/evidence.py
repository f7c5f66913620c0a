"""Photos as evidence: checked, turned upright, re-encoded without metadata, sealed."""

import base64
import hashlib
import io
import uuid
import warnings
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from backend.conversations.models import Evidence, EvidenceState
from backend.core.db import locked
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


def smaller(jpeg: bytes, side: int) -> bytes:
    """A photo of ours, no side longer than that; some 10 ms for a thumbnail, so use a thread."""
    picture = Image.open(io.BytesIO(jpeg), formats=("JPEG",))
    picture.draft("RGB", (side, side))
    picture.thumbnail((side, side))
    return _as_jpeg(picture).jpeg


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
            locked(select(Evidence).where(Evidence.id == evidence_id))
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
        return self._unsealed(row.sealed)

    def _unsealed(self, sealed: str | None) -> bytes | None:
        if sealed is None:
            return None
        return base64.b64decode(self.vault.open(sealed, _PURPOSE)["jpeg"] or "")

    async def add(
        self, case_id: int, added_by: str, photo: Photo, caption: str | None, now: datetime
    ) -> Evidence:
        """Store a photo that staff add to a case."""
        row = Evidence(case_id=case_id, added_by=added_by, caption=caption, created_at=now)
        self.keep(row, photo, now)
        self.session.add(row)
        await self.session.flush()
        return row

    async def of_case(self, case_id: int, conversation_id: uuid.UUID | None) -> list[Evidence]:
        """All photos that staff added or that came in the conversation, without their pixels."""
        origin = Evidence.case_id == case_id
        if conversation_id is not None:
            origin = or_(origin, Evidence.conversation_id == conversation_id)
        found = await self.session.scalars(
            select(Evidence)
            .where(origin)
            .order_by(Evidence.created_at, Evidence.id)
            .options(defer(Evidence.sealed, raiseload=True))
            .execution_options(populate_existing=True)
        )
        return list(found)

    async def pixels(self, evidence_id: int) -> bytes | None:
        """The JPEG of a photo."""
        sealed = await self.session.scalar(
            select(Evidence.sealed).where(Evidence.id == evidence_id)
        )
        return self._unsealed(sealed)
