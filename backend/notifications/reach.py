"""How a follower can be reached: their conversation, then the phone of the case."""

import uuid
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case, CaseFollower
from backend.cases.views import open_contact
from backend.channels.sms.payloads import e164
from backend.conversations.identity import conversation_id, parsed_id
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Address
from backend.core.privacy import Vault, mask_phone
from backend.notifications.rendering import SMS, WEBCHAT
from backend.notifications.repository import NoticeRepository
from backend.phones.service import Phones

OPTED_OUT = "opted_out"
_HOME = "+86"
_MOBILE_CHARS = len("+8613800001234")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a follower; ``blocked`` says why it must not be used."""

    channel: str
    conversation: uuid.UUID
    address: Address | None = field(default=None, repr=False)
    blocked: str | None = None

    @property
    def shown(self) -> str:
        """The address as staff may see it."""
        return mask_phone(self.address.address) or "" if self.address else self.channel


class Reach:
    """Ways to followers, within one transaction."""

    def __init__(self, session: AsyncSession, vault: Vault) -> None:
        self._vault = vault
        self._conversations = ConversationRepository(session, vault)
        self._phones = Phones(session, vault)
        self._notices = NoticeRepository(session)

    async def ways(self, case: Case, follower: CaseFollower) -> list[Way]:
        """All ways, the chosen or nearest channel first; an opted-out one is blocked, not left out."""
        own = await self._own(follower)
        phone = await self._phone(case) if follower.role == "reporter" else None
        ways = [own] if own else []
        if phone and not (own and own.conversation == phone.conversation):
            ways.append(phone)
        wish = await self._notices.preference(preference_key(case, follower))
        if wish is None:
            return ways
        marked = [_muted(way) if way.channel in wish.muted else way for way in ways]
        return sorted(marked, key=lambda way: way.channel != wish.preferred)

    async def _own(self, follower: CaseFollower) -> Way | None:
        """The conversation in which they speak with us."""
        known = parsed_id(follower.conversation_id)
        conversation = await self._conversations.find(known) if known else None
        if conversation is None or conversation.ended_at is not None:
            return None
        address = self._conversations.address_of(conversation)
        if address is None:
            return Way(WEBCHAT, conversation.id) if conversation.channel == WEBCHAT else None
        blocked = None
        if conversation.channel == SMS and await self._phones.stopped(address):
            blocked = OPTED_OUT
        return Way(conversation.channel, conversation.id, blocked=blocked)

    async def _phone(self, case: Case) -> Way | None:
        """The phone given with the case, unless its owner has said that it is not theirs."""
        raw = open_contact(case, self._vault).get("phone") if case.phone_hash else None
        number = e164(raw) if raw else None
        if number is None or not _takes_messages(number):
            return None
        blocked = OPTED_OUT if await self._phones.stopped(number) else None
        there = conversation_id(self._vault, SMS, number)
        return Way(SMS, there, Address(SMS, number), blocked)


def preference_key(case: Case, follower: CaseFollower) -> str:
    """Under what a follower's wishes are kept: their conversation, else the case."""
    return follower.conversation_id or f"case:{case.case_no}"


def _muted(way: Way) -> Way:
    return Way(way.channel, way.conversation, way.address, OPTED_OUT)


def _takes_messages(number: str) -> bool:
    """A mainland mobile, or any number from elsewhere; mainland landlines take none."""
    if not number.startswith(_HOME):
        return True
    return number.startswith(f"{_HOME}1") and len(number) == _MOBILE_CHARS
