"""A case's publication follows its status: every step goes through here."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case, ClaimOffer, Publication
from backend.cases.rules import Status
from backend.staff.rules import (
    PUBLIC_NEEDS,
    PUBLIC_WORDS,
    Section,
    public_section,
    public_village,
)


class Publishing:
    """Publications within one transaction; the case must be locked."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, case_id: int) -> Publication | None:
        """A case's publication, public at present or not."""
        return await self._session.scalar(select(Publication).where(Publication.case_id == case_id))

    async def of_no(self, case_no: str) -> Publication | None:
        """The same by the case's number."""
        wanted = select(Publication).join(Case, Case.id == Publication.case_id)
        return await self._session.scalar(wanted.where(Case.case_no == case_no))

    async def follow(
        self, case: Case, origin: Status, now: datetime, recorded: Mapping[str, str]
    ) -> None:
        """Show, move or take away what the public reads of a case that has just changed status.

        ``recorded``: what was written with the step. A plan that was confirmed anew begins anew.
        """
        section = public_section(case.category, case.status)
        row = await self.of(case.id)
        if row is not None and row.section == "hall" and section != "hall":
            await self._lapse(case.id, now)
        kept = {} if row is None or origin == Status.REVIEW else row.words
        words = kept | _of_section(section, recorded)
        shown = section if section and _is_whole(section, words) else None
        if row is None and shown:
            self._session.add(_new(case, shown, words, now))
        elif row is not None:
            row.listed_at = now if shown != row.section else row.listed_at
            row.section, row.words = shown, words
            row.type, row.town = case.type, case.town
            row.village = public_village(case.category, case.village)
        await self._session.flush()

    async def _lapse(self, case_id: int, now: datetime) -> None:
        """Nobody waits for an answer about what cannot be claimed any more."""
        waiting = update(ClaimOffer).where(
            ClaimOffer.case_id == case_id, ClaimOffer.closed_at.is_(None)
        )
        await self._session.execute(waiting.values(closed_at=now, outcome="lapsed"))


def _of_section(section: Section | None, recorded: Mapping[str, str]) -> dict[str, str]:
    """What was written for any section: a settlement's sum is read when the result is public."""
    codes = {code for codes in PUBLIC_WORDS.values() for code in codes}
    return {code: value for code, value in recorded.items() if section and code in codes}


def _is_whole(section: Section, words: Mapping[str, str]) -> bool:
    return all(words.get(code) for code in PUBLIC_NEEDS[section])


def _new(case: Case, section: Section, words: dict[str, str], now: datetime) -> Publication:
    return Publication(
        case_id=case.id,
        section=section,
        category=case.category,
        type=case.type,
        town=case.town,
        village=public_village(case.category, case.village),
        words=words,
        created_at=now,
        listed_at=now,
    )
