"""The text message an agent promises a caller: sent word for word when it can no longer be undone."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case, CaseEvent
from backend.cases.repository import CaseRepository
from backend.channels.sms.payloads import e164
from backend.channels.sms.routing import CHANNEL
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Notice
from backend.core.clock import to_local
from backend.core.resources import Resources
from backend.desk.errors import UndoTooLateError
from backend.desk.models import DeskFiling
from backend.desk.wording import say
from backend.notifications.models import NoticeState
from backend.notifications.promises import Promises
from backend.notifications.repository import NoticeRepository
from backend.notifications.rules import CREATED, quiet_until

UNDO_S = 60
_URGENT = "desk_emergency"


class CallerMessages:
    """Promises to callers within one request."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._cases = CaseRepository(session)
        self._notices = NoticeRepository(session)
        self._promises = Promises(session, resources.clock)
        self._conversations = ConversationRepository(session, resources.vault)
        self._resources = resources

    async def promise(self, case: Case, message: Notice) -> int | None:
        """The caller whose case was filed gets this text instead of the receipt."""
        return await self._send_later(await self._created(case), "reporter", None, message)

    async def read_aloud(self, case: Case) -> None:
        """The caller, whom no text reaches, has the number from the agent: nobody rings for that."""
        reporter = await self._cases.follower(case.id, "reporter")
        await self._promises.told(await self._created(case), reporter, case.case_no)

    async def welcome(self, joined: CaseEvent, phone: str, message: Notice) -> int | None:
        """The caller whose matter is known gets this text, and follows the case by text message."""
        number = e164(phone)
        if number is None:
            return None
        now = self._resources.clock.now()
        conversation = await self._conversations.open_locked(
            CHANNEL, number, now, keeps_address=True, is_inbound=False
        )
        whose = str(conversation.id)
        await self._cases.follow(joined.case_id, "supporter", whose, now)
        return await self._send_later(joined, "supporter", whose, message)

    async def forget(self, filing: DeskFiling) -> None:
        """Undo: the message is not sent, and whoever followed by this filing follows no more.

        Raises:
            UndoTooLateError: the message has left.
        """
        follower_id = None
        if filing.notice_id is not None:
            if not await self._promises.take_back(filing.notice_id):
                raise UndoTooLateError
            follower_id = (await self._notices.get(filing.notice_id)).follower_id
        if filing.case_id is None:
            return
        if filing.kind == "filed":
            await self._promises.leave(filing.case_id)
        elif filing.supporter and follower_id is not None:
            await self._promises.leave(filing.case_id, follower_id)

    async def state(self, filing: DeskFiling) -> str | None:
        """What became of the message, in a few words; ``None`` where none was promised."""
        if filing.notice_id is None:
            return None
        notice = await self._notices.get(filing.notice_id)
        if notice.state != NoticeState.WAITING or notice.is_urgent:
            return say(f"sms.{notice.state}")
        settings = self._resources.settings
        at = max(notice.send_after, self._resources.clock.now())
        morning = quiet_until(at, settings.quiet_from_hour, settings.quiet_until_hour)
        return say("sms.quiet", hour=to_local(morning).hour) if morning else say("sms.waiting")

    async def _created(self, case: Case) -> CaseEvent:
        events = await self._cases.events([case.id], public_only=True)
        return next(event for event in events if event.kind == CREATED)

    async def _send_later(
        self, event: CaseEvent, role: str, conversation: str | None, message: Notice
    ) -> int | None:
        follower = await self._cases.follower(event.case_id, role, conversation)
        not_before = self._resources.clock.now() + timedelta(seconds=UNDO_S)
        return await self._promises.make(
            event, follower, message, not_before, is_urgent=message.template == _URGENT
        )
