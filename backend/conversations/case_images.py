"""The photos of a case: those its reporter sent, and those staff added.

Whoever may see people may see photos, because a photo may show them; opening one in full goes into
the audit log, as revealing a contact does.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.events import staff_event
from backend.cases.models import Case
from backend.cases.work import CaseDesk
from backend.conversations.errors import ImageNotFoundError, ImagesRefusedError
from backend.conversations.evidence import (
    EvidenceRepository,
    Photo,
    UnusablePhotoError,
    cleaned,
    smaller,
)
from backend.conversations.identity import parsed_id
from backend.conversations.models import Evidence, EvidenceState
from backend.core.errors import ForbiddenError
from backend.core.privacy import mask_text
from backend.core.resources import Resources
from backend.staff.audit import AuditLog
from backend.staff.repository import StaffRepository
from backend.staff.rules import StaffMember, may

MOST_AT_ONCE = 9
MOST_OF_CASE = 60
THUMBNAIL_PX = 240
_TOLD_WITHIN = timedelta(minutes=30)
_DRAFT_LIVES = timedelta(hours=24)
_ADDS_WITHIN = timedelta(days=30)
_TOGETHER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CaseImage:
    """A photo without its pixels. ``by``: who added it; None if the reporter sent it."""

    id: int
    at: datetime
    by: str | None
    caption: str | None
    state: str
    refusal: str | None
    width: int
    height: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Filing:
    """When a case of a conversation was filed."""

    case_id: int
    at: datetime


def told_with(sent_at: datetime, filings: Sequence[Filing]) -> frozenset[int]:
    """The cases a photo of a conversation belongs to. Pure.

    People send photos while they tell a matter, or to add to it: the case filed within half an
    hour, else the latest before (for 30 days), else the next within a day. Cases filed together
    share their photos.
    """
    before = [filing for filing in filings if filing.at <= sent_at]
    after = sorted((filing for filing in filings if filing.at > sent_at), key=lambda one: one.at)
    chosen = None
    if after and after[0].at - sent_at <= _TOLD_WITHIN:
        chosen = after[0]
    elif before and sent_at - (latest := max(before, key=lambda one: one.at)).at <= _ADDS_WITHIN:
        chosen = latest
    elif after and after[0].at - sent_at <= _DRAFT_LIVES:
        chosen = after[0]
    if chosen is None:
        return frozenset()
    return frozenset(one.case_id for one in filings if abs(one.at - chosen.at) <= _TOGETHER)


async def usable(raw: Sequence[bytes]) -> list[Photo]:
    """Photos as they may be kept: checked, re-encoded, without metadata.

    Raises:
        ImagesRefusedError: too many at once, or one of them (by its number) cannot be used.
    """
    if len(raw) > MOST_AT_ONCE:
        raise ImagesRefusedError(f"一次最多 {MOST_AT_ONCE} 张照片")
    photos = []
    for number, content in enumerate(raw, 1):
        try:
            photos.append(await asyncio.to_thread(cleaned, content))
        except UnusablePhotoError as error:
            raise ImagesRefusedError.of(number, error.reason) from error
    return photos


class CaseImages:
    """The photos of the cases that a member of staff may see, within one request."""

    def __init__(self, session: AsyncSession, resources: Resources, staff: StaffMember) -> None:
        self._session = session
        self._desk = CaseDesk(session, resources, staff)
        self._rows = EvidenceRepository(session, resources.vault)
        self._accounts = StaffRepository(session)
        self._audit = AuditLog(session, resources.vault, resources.clock)
        self._clock = resources.clock
        self._staff = staff

    async def listed(self, case_no: str) -> list[CaseImage]:
        """All photos of a case, oldest first; none for who may not see people."""
        if not may(self._staff, "see_images"):
            return []
        case = await self._desk.find(case_no)
        rows = await self._of(case)
        names = await self._accounts.names([row.added_by for row in rows if row.added_by])
        return [_out(row, names) for row in rows]

    async def thumbnail(self, case_no: str, image_id: int) -> bytes:
        """A photo small enough for an overview.

        Raises:
            ImageNotFoundError: not a photo of this case that is here.
        """
        await self._one(case_no, image_id)
        return await asyncio.to_thread(smaller, await self._pixels(image_id), THUMBNAIL_PX)

    async def open(self, case_no: str, image_id: int) -> bytes:
        """A photo in full; who opened it goes into the audit log first.

        Raises:
            ImageNotFoundError: as for ``thumbnail``.
        """
        case = await self._one(case_no, image_id)
        await self._audit.write(
            self._staff.username, "image_opened", case_no=case.case_no, reason=f"照片 {image_id}"
        )
        return await self._pixels(image_id)

    async def pixels(
        self, images: Sequence[CaseImage], side: int | None = None
    ) -> dict[int, bytes]:
        """The pixels of listed photos that are here, for a print or an archive."""
        found = {}
        for image in images:
            if image.state == EvidenceState.KEPT:
                jpeg = await self._pixels(image.id)
                found[image.id] = await asyncio.to_thread(smaller, jpeg, side) if side else jpeg
        return found

    async def add(self, case_no: str, photos: Sequence[Photo], caption: str | None) -> None:
        """Add photos to a case; its timeline says so.

        Raises:
            ImagesRefusedError: there are none, or the case has too many.
        """
        if not may(self._staff, "work_on_case"):
            raise ForbiddenError
        case = await self._desk.find(case_no, lock=True)
        if not photos:
            raise ImagesRefusedError("请先选照片")
        if len(await self._of(case)) + len(photos) > MOST_OF_CASE:
            raise ImagesRefusedError(f"一件诉求最多 {MOST_OF_CASE} 张照片")
        now, words = self._clock.now(), mask_text(caption) if caption else None
        for photo in photos:
            await self._rows.add(case.id, self._staff.username, photo, words, now)
        case.updated_at = now
        added = {"images": len(photos)}
        self._session.add(
            staff_event(case, "images_added", self._staff, now, note=words, data=added)
        )
        await self._session.flush()

    async def _one(self, case_no: str, image_id: int) -> Case:
        if not may(self._staff, "see_images"):
            raise ForbiddenError
        case = await self._desk.find(case_no)
        rows = await self._of(case)
        if all(row.id != image_id or row.state != EvidenceState.KEPT for row in rows):
            raise ImageNotFoundError
        return case

    async def _pixels(self, image_id: int) -> bytes:
        jpeg = await self._rows.pixels(image_id)
        if jpeg is None:
            raise ImageNotFoundError
        return jpeg

    async def _of(self, case: Case) -> list[Evidence]:
        """Staff's photos of the case, and those of its conversation that were told with it."""
        conversation = parsed_id(case.conversation_id)
        rows = await self._rows.of_case(case.id, conversation)
        if all(row.case_id for row in rows):
            return rows
        found = await self._session.execute(
            select(Case.id, Case.created_at).where(Case.conversation_id == case.conversation_id)
        )
        filings = [Filing(case_id, at) for case_id, at in found]
        return [row for row in rows if row.case_id or case.id in told_with(row.created_at, filings)]


def _out(row: Evidence, names: dict[str, str]) -> CaseImage:
    return CaseImage(
        id=row.id,
        at=row.created_at,
        by=names.get(row.added_by, row.added_by) if row.added_by else None,
        caption=row.caption,
        state=row.state,
        refusal=row.refusal,
        width=row.width or 0,
        height=row.height or 0,
        sha256=row.sha256,
    )
