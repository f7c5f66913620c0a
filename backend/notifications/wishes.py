"""What a citizen says about notices in a conversation: by text message, on WeChat, no more, again.

Who they are is proved already, by the conversation or the number they hold; the wish counts for
the conversation itself and for every case of theirs, wherever it was filed.
"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case
from backend.cases.ownership import ReporterService
from backend.cases.repository import CaseRepository
from backend.conversations.identity import parsed_id
from backend.conversations.repository import ConversationRepository
from backend.core.clock import Clock
from backend.core.privacy import mask_phone
from backend.core.resources import Resources
from backend.notifications.models import Preference
from backend.notifications.reach import Reach, Way, preference_key
from backend.notifications.rendering import SMS
from backend.notifications.repository import NoticeRepository
from backend.notifications.rules import heeded
from backend.notifications.schemas import NoticeChannel, WishIn, WishOut
from backend.phones.service import Phones, StopReason

_ALL: tuple[NoticeChannel, ...] = ("sms", "webchat", "wechat")


class Wishes:
    """Wishes about notices within one request."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._rows = NoticeRepository(session)
        self._cases = CaseRepository(session)
        self._reporter = ReporterService(session, resources)
        self._reach = Reach(session, resources.vault)
        self._phones = Phones(session, resources.vault)
        self._conversations = ConversationRepository(session, resources.vault)
        self._clock: Clock = resources.clock

    async def heed(self, new: WishIn) -> WishOut:
        """Keep the wish; what can now reach this person, over all their cases."""
        cases = await self._reporter.own_cases(new.conversation_id)
        keys = {new.conversation_id} | {await self._key(case) for case in cases}
        for key in sorted(keys):
            await self._keep(key, new)
        if new.channel == SMS:
            await self._heed_on_the_number(new)
        ways = [way for case in cases for way in await self._ways(case)]
        usable = {way.channel for way in ways if way.blocked is None}
        return WishOut(
            cases=len(cases),
            channels=[channel for channel in _ALL if channel in usable],
            phone=_shown(ways),
        )

    async def _key(self, case: Case) -> str:
        return preference_key(case, await self._cases.follower(case.id, "reporter"))

    async def _ways(self, case: Case) -> Sequence[Way]:
        return await self._reach.ways(case, await self._cases.follower(case.id, "reporter"))

    async def _keep(self, key: str, new: WishIn) -> None:
        kept = await self._rows.preference(key)
        muted, preferred = heeded(
            new.wish, set(kept.muted) if kept else set(), kept.preferred if kept else None
        )
        row = Preference(
            conversation_id=key,
            muted=sorted(muted),
            preferred=preferred,
            source=new.channel,
            updated_at=self._clock.now(),
        )
        await self._rows.prefer(row)

    async def _heed_on_the_number(self, new: WishIn) -> None:
        """By text message the number itself is stopped or set free: they hold it."""
        known = parsed_id(new.conversation_id)
        conversation = await self._conversations.find(known) if known else None
        number = self._conversations.address_of(conversation) if conversation else None
        if number is None:
            return
        if new.wish in ("none", "not_sms"):
            await self._phones.stop(number, StopReason.OPTED_OUT, self._clock.now())
        elif new.wish in ("sms", "resume"):
            await self._phones.resume(number)


def _shown(ways: Sequence[Way]) -> str | None:
    """The number that text messages go to, masked."""
    numbers = [way.address.address for way in ways if way.channel == SMS and way.address]
    return mask_phone(numbers[0]) if numbers else None
