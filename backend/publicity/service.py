"""What anybody may read: publications by section, and one by its public number."""

import re
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.errors import CursorInvalidError
from backend.cases.step_fields import all_fields, written
from backend.cases.wording import status_label
from backend.places.service import gazetteer
from backend.publicity.errors import PublicationNotFoundError
from backend.publicity.repository import Listed, Place, PublicRepository
from backend.publicity.schemas import PublicItem, PublicList, PublicWord
from backend.staff.rules import PUBLIC_WORDS, Section
from backend.taxonomy.service import taxonomy

PAGE_SIZE = 20
_CURSOR = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_WITH_AN_END = ("notice", "hall")


class Noticeboard:
    """The public's view within one transaction."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self._rows = PublicRepository(session)
        self._now = now

    async def page(
        self, section: Section, *, town: str | None = None, cursor: str | None = None
    ) -> PublicList:
        """A section's items, newest first.

        Raises:
            CursorInvalidError: the cursor was not made here.
        """
        after = _decode(cursor) if cursor else None
        rows = await self._rows.page(section, town, after, PAGE_SIZE + 1)
        items = [_item(row, self._now) for row in rows[:PAGE_SIZE]]
        last = rows[PAGE_SIZE - 1][0] if len(rows) > PAGE_SIZE else None
        cursor = _encode((last.listed_at, last.id)) if last else None
        return PublicList(items=items, next_cursor=cursor)

    async def one(self, number: int) -> PublicItem:
        """The item of that public number.

        Raises:
            PublicationNotFoundError: there is none, or it is not public at present.
        """
        row = await self._rows.one(number)
        if row is None:
            raise PublicationNotFoundError
        return _item(row, self._now)


def _item(row: Listed, now: datetime) -> PublicItem:
    publication, status, due_at = row
    section = cast("Section", publication.section)
    place = gazetteer().full_name(publication.town, publication.village)
    type_label = taxonomy().label(publication.type)
    words = {
        code: publication.words[code]
        for code in PUBLIC_WORDS[section]
        if publication.words.get(code)
    }
    until = due_at if section in _WITH_AN_END else None
    title = words.pop("public_title", None) if section == "hall" else None
    return PublicItem.model_validate(
        {
            "number": publication.id,
            "section": section,
            "category": publication.category,
            "type": publication.type,
            "type_label": type_label,
            "place": place,
            "title": title or f"{place} · {type_label}",
            "status_label": status_label(status),
            "words": [_word(code, value) for code, value in words.items()],
            "listed_at": publication.listed_at,
            "until": until,
            "is_over": until is not None and until < now,
        }
    )


def _word(code: str, value: str) -> PublicWord:
    field = all_fields()[code]
    return PublicWord(code=code, label=field.public or field.label, text=written(code, value))


def _encode(place: Place) -> str:
    listed_at, number = place
    return f"{(listed_at - _EPOCH) // _MICROSECOND}-{number}"


def _decode(cursor: str) -> Place:
    found = _CURSOR.fullmatch(cursor)
    if not found:
        raise CursorInvalidError
    return _EPOCH + int(found[1]) * _MICROSECOND, int(found[2])
