"""Somebody wants to claim: the visitor leaves a name and a number, staff ring and take the step.

The number is stored as every number is: sealed, and as a keyed hash. Nobody but the staff of the
case ever sees it, and it is forgotten some months after it was answered.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.events import staff_event
from backend.cases.models import Case, CaseEvent, ClaimOffer, Reminder
from backend.cases.repository import CaseRepository
from backend.cases.wording import phrase
from backend.cases.work import CaseDesk
from backend.core.db import locked
from backend.core.errors import ForbiddenError, NotFoundError
from backend.core.privacy import mask_name, mask_phone
from backend.core.resources import Resources
from backend.core.throttle import Limits, Throttle
from backend.phones.service import phone_hash
from backend.publicity.errors import NotInTheHallError
from backend.publicity.repository import PublicRepository
from backend.publicity.schemas import OfferIn, OfferOut
from backend.staff.rules import StaffMember, may

Outcome = Literal["agreed", "declined", "not_reached"]
CONTACT = "claim offer"
_DAY_S = 24 * 3600
_PER_PHONE = Throttle("claim-offer-phone", 5, _DAY_S)
_PER_ADDRESS = Throttle("claim-offer-address", 30, _DAY_S)
"""Many people share an office's address; one number is one claimant."""


class Offers:
    """A visitor's offer within one transaction."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._session = session
        self._vault = resources.vault
        self._now = resources.clock.now()

    async def leave(self, number: int, offer: OfferIn, address: str) -> None:
        """Keep an offer and tell the staff; the same number again says nothing new.

        Raises:
            NotInTheHallError: it cannot be claimed (any more).
            TooManyTriesError: too many offers of this number or from this network address.
        """
        await self._count(offer.phone, address)
        case = await PublicRepository(self._session).claimable(number)
        if case is None:
            raise NotInTheHallError
        hashed = phone_hash(self._vault, offer.phone)
        row = await self._session.scalar(
            select(ClaimOffer).where(ClaimOffer.case_id == case.id, ClaimOffer.phone_hash == hashed)
        )
        if row is not None and row.closed_at is None:
            return
        row = row or ClaimOffer(case_id=case.id, phone_hash=hashed)
        row.at, row.kind = self._now, offer.kind
        row.contact = self._vault.seal({"name": offer.name, "phone": offer.phone}, CONTACT)
        row.closed_at = row.closed_by = row.outcome = None
        self._session.add(row)
        await self._tell_staff(case)

    async def _count(self, phone: str, address: str) -> None:
        values = ((_PER_ADDRESS, address), (_PER_PHONE, phone))
        limits = Limits(
            tuple((limit, self._vault.keyed_hash(limit.scope, value)) for limit, value in values)
        )
        await limits.check(self._session, self._now)
        await limits.record(self._session, self._now)

    async def _tell_staff(self, case: Case) -> None:
        """A line in the history, and a reminder that stands until the offers are answered."""
        await CaseRepository(self._session).add(
            CaseEvent(
                case_id=case.id,
                at=self._now,
                kind="claim_offered",
                audience="staff",
                actor_kind="citizen",
                data={},
            )
        )
        reminder = insert(Reminder).values(
            case_id=case.id,
            what=phrase("claim_offered"),
            due_at=self._now,
            stage="offer",
            level="town" if case.town else "city",
            at=self._now,
        )
        await self._session.execute(reminder.on_conflict_do_nothing())


class OfferDesk:
    """What staff do with the offers on a case in their scope."""

    def __init__(self, session: AsyncSession, resources: Resources, staff: StaffMember) -> None:
        self._session = session
        self._vault = resources.vault
        self._staff = staff
        self._now = resources.clock.now()
        self._desk = CaseDesk(session, resources, staff)

    async def listed(self, case_no: str, *, revealed: bool = False) -> list[OfferOut]:
        """The offers, those that wait for an answer first; none for who may not see people."""
        if not may(self._staff, "see_identity"):
            return []
        case = await self._desk.find(case_no)
        return [self._out(row, revealed) for row in await self._of(case.id)]

    async def close(self, case_no: str, offer_id: int, outcome: Outcome) -> None:
        """Write down what the call came to; one that has its answer keeps it.

        Raises:
            NotFoundError: no such offer on this case.
        """
        if not may(self._staff, "work_on_case"):
            raise ForbiddenError
        case = await self._desk.find(case_no)
        offer = select(ClaimOffer).where(ClaimOffer.id == offer_id)
        row = await self._session.scalar(locked(offer))
        if row is None or row.case_id != case.id:
            raise NotFoundError
        if row.closed_at is not None:
            return
        row.closed_at, row.closed_by, row.outcome = self._now, self._staff.username, outcome
        data = {"outcome": outcome}
        await CaseRepository(self._session).add(
            staff_event(case, "claim_answered", self._staff, self._now, data=data)
        )

    async def _of(self, case_id: int) -> Sequence[ClaimOffer]:
        open_first = func.coalesce(ClaimOffer.closed_at, _LONG_AHEAD).desc()
        wanted = select(ClaimOffer).where(ClaimOffer.case_id == case_id)
        return (await self._session.scalars(wanted.order_by(open_first, ClaimOffer.id))).all()

    def _out(self, row: ClaimOffer, revealed: bool) -> OfferOut:
        contact = self._vault.open(row.contact, CONTACT)
        name, phone = contact.get("name"), contact.get("phone")
        return OfferOut(
            id=row.id,
            at=row.at,
            kind=row.kind,
            name=(name if revealed else mask_name(name)) or "",
            phone=(phone if revealed else mask_phone(phone)) or "",
            is_open=row.closed_at is None,
            outcome=row.outcome,
        )


_LONG_AHEAD = datetime.fromisoformat("9999-12-31T00:00:00+00:00")
