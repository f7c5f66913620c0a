"""Who holds a number, and whether it may be written to.

``phone_hash`` is the one way a number is stored for look-ups: cases are found by the same hash.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.privacy import Vault, normalise_phone
from backend.phones.models import PhoneProof, PhoneStop

_HOME = "+86"
_NUMBER = "phone-proof"
_LOOKS_LIKE_MOBILE = re.compile(r"1\d{10}")


class StopReason(StrEnum):
    """Why a number is not written to."""

    OPTED_OUT = "opted_out"
    WRONG_NUMBER = "wrong_number"


def phone_hash(vault: Vault, phone: str) -> str:
    """How a number is stored, however it was written.

    A foreign number whose digits read like a mainland mobile (+1 310 555 0100 → 13105550100) keeps
    its plus: it must not be taken for the mainland number, which cases store without country code.
    """
    digits = normalise_phone(phone)
    is_foreign = phone.strip().startswith("+") and not phone.strip().startswith(_HOME)
    if is_foreign and _LOOKS_LIKE_MOBILE.fullmatch(digits):
        digits = f"+{digits}"
    return vault.keyed_hash("phone", digits)


@dataclass(frozen=True, slots=True)
class Phones:
    """Numbers inside one session's transaction; all take E.164 or what a citizen wrote."""

    session: AsyncSession
    vault: Vault

    async def prove(self, conversation_id: str, e164: str, now: datetime) -> None:
        """Remember that this conversation's citizen writes from this number."""
        proven = phone_hash(self.vault, e164)
        sealed = self.vault.seal({"phone": e164.removeprefix(_HOME)}, _NUMBER)
        row = insert(PhoneProof).values(
            conversation_id=conversation_id, phone_hash=proven, sealed=sealed, at=now
        )
        await self.session.execute(
            row.on_conflict_do_update(
                index_elements=["conversation_id"], set_={"phone_hash": proven, "sealed": sealed}
            )
        )

    async def number_of(self, conversation_id: str) -> str | None:
        """The number this conversation's citizen writes from; without +86 where it is a mainland one."""
        sealed = await self.session.scalar(
            select(PhoneProof.sealed).where(PhoneProof.conversation_id == conversation_id)
        )
        return self.vault.open(sealed, _NUMBER)["phone"] if sealed else None

    async def proven_by(self, conversation_id: str) -> str | None:
        """The hash of the number this conversation's citizen holds."""
        return await self.session.scalar(
            select(PhoneProof.phone_hash).where(PhoneProof.conversation_id == conversation_id)
        )

    async def stop(self, phone: str, reason: StopReason, now: datetime) -> None:
        """No more messages of our own accord to this number; the first reason stays."""
        row = insert(PhoneStop).values(
            phone_hash=phone_hash(self.vault, phone), reason=reason, at=now
        )
        await self.session.execute(row.on_conflict_do_nothing())

    async def resume(self, phone: str, reason: StopReason | None = None) -> bool:
        """Messages again, if they were stopped (for that reason); whether they were."""
        gone = delete(PhoneStop).where(PhoneStop.phone_hash == phone_hash(self.vault, phone))
        if reason is not None:
            gone = gone.where(PhoneStop.reason == reason)
        return await self.session.scalar(gone.returning(PhoneStop.phone_hash)) is not None

    async def stopped(self, phone: str) -> StopReason | None:
        """Why this number is not to be written to; ``None`` if it may be."""
        found = await self.session.scalar(
            select(PhoneStop.reason).where(PhoneStop.phone_hash == phone_hash(self.vault, phone))
        )
        return StopReason(found) if found else None
