"""Sending what waits: quiet hours, consent, one channel after the other, at last a call."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from backend.callbacks.schemas import CallbackIn, Matter
from backend.callbacks.service import CallbackService
from backend.cases.models import Case, CaseEvent, CaseFollower
from backend.cases.views import open_contact
from backend.conversations import outbound
from backend.conversations.models import DeliveryState, OutboundMessage
from backend.conversations.repository import ConversationRepository
from backend.core.metrics import NOTICES
from backend.core.resources import Resources
from backend.notifications.models import Dispatch, Notice, NoticeState
from backend.notifications.planning import DUPLICATE, happening, promised_by
from backend.notifications.reach import OPTED_OUT, Reach, Way
from backend.notifications.rendering import Rendered, Told, call_text, render
from backend.notifications.repository import NoticeRepository
from backend.notifications.rules import quiet_until

CALL_REASON = "notice_undelivered"
_PORTION = 200
_CHASED_DAYS = 7
_BROKEN_MINUTES = 15
log = structlog.get_logger(__name__)


async def dispatch_due(resources: Resources) -> int:
    """Send every notice whose time has come, each in a transaction of its own; how many went."""
    async with resources.database.transaction() as session:
        ids = await NoticeRepository(session).due(resources.clock.now(), _PORTION)
    sent = 0
    for notice_id in ids:
        try:
            async with resources.database.transaction() as session:
                sent += await Dispatcher(session, resources).send(notice_id)
        except Exception:
            log.exception("notice_broke", notice_id=notice_id)
            await _put_off(resources, notice_id)
    return sent


async def _put_off(resources: Resources, notice_id: int) -> None:
    """One notice that breaks must not keep the others waiting."""
    async with resources.database.transaction() as session:
        notice = await NoticeRepository(session).lock(notice_id, NoticeState.WAITING)
        if notice is not None:
            notice.send_after = resources.clock.now() + timedelta(minutes=_BROKEN_MINUTES)


async def chase(resources: Resources) -> int:
    """Look at what became of handed notices; how many go on to the next channel."""
    since = resources.clock.now() - timedelta(days=_CHASED_DAYS)
    onward, last = 0, 0
    while True:
        async with resources.database.transaction() as session:
            ids = await NoticeRepository(session).handed(since, last, _PORTION)
        for notice_id in ids:
            async with resources.database.transaction() as session:
                onward += await Dispatcher(session, resources).follow(notice_id)
        if not ids:
            return onward
        last = ids[-1]


class Dispatcher:
    """One notice within one transaction."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._session = session
        self._resources = resources
        self._rows = NoticeRepository(session)
        self._reach = Reach(session, resources.vault)
        self._conversations = ConversationRepository(session, resources.vault)

    async def send(self, notice_id: int) -> bool:
        """Hand the notice to the next usable channel; ``False`` if it was not sent now."""
        notice = await self._rows.lock(notice_id, NoticeState.WAITING)
        if notice is None:
            return False
        line = await _Line.read(self._rows, notice)
        if line.follower.ended_at is not None:
            notice.state = NoticeState.SKIPPED
            await self._note(line, None, "skipped", "unfollowed")
            return False
        if await self._is_quiet(notice, line):
            return False
        ways = await self._reach.ways(line.case, line.follower)
        for way in ways:
            if way.channel in notice.tried:
                continue
            if way.blocked:
                await self._note(line, way.channel, "skipped", way.blocked)
                notice.tried = [*notice.tried, way.channel]
            elif await self._hand_over(notice, line, way):
                return True
        await self._end(notice, line, ways)
        return False

    async def follow(self, notice_id: int) -> bool:
        """Apply the channel's word; ``True`` if the notice goes on to the next channel."""
        notice = await self._rows.lock(notice_id, NoticeState.HANDED)
        if notice is None or notice.outbound_id is None:
            return False
        message = await self._rows.outbound(notice.outbound_id)
        line = await _Line.read(self._rows, notice)
        if message.state == DeliveryState.DELIVERED:
            notice.state = NoticeState.DELIVERED
            await self._note(line, notice.channel, "delivered", None)
            return False
        reason = self._undelivered(notice, message)
        if reason is None:
            return False
        await self._note(line, notice.channel, "failed", reason)
        notice.tried = [*notice.tried, notice.channel or ""]
        notice.state, notice.send_after = NoticeState.WAITING, self._resources.clock.now()
        return True

    def _undelivered(self, notice: Notice, message: OutboundMessage) -> str | None:
        """Why the message counts as not delivered; ``None`` while that is open."""
        if message.state == DeliveryState.FAILED:
            return message.failure or "failed"
        patience = timedelta(hours=self._resources.settings.notice_unseen_hours)
        if notice.handed_at is None or self._resources.clock.now() - notice.handed_at < patience:
            return None
        if message.state == DeliveryState.UNKNOWN:
            return "unknown"
        return "unseen" if message.state == DeliveryState.QUEUED else None

    async def _is_quiet(self, notice: Notice, line: "_Line") -> bool:
        """Put the notice off to the morning if these are quiet hours."""
        settings = self._resources.settings
        now = self._resources.clock.now()
        morning = quiet_until(now, settings.quiet_from_hour, settings.quiet_until_hour)
        if morning is None or notice.is_urgent:
            return False
        notice.send_after = morning
        await self._note(line, notice.channel, "skipped", "quiet")
        return True

    async def _hand_over(self, notice: Notice, line: "_Line", way: Way) -> bool:
        rendered = render(line.told, way.channel, is_urgent=notice.is_urgent)
        if rendered is None:
            return False
        key = line.key(way.channel)
        message = await self._put(way, rendered, f"{outbound.NOTICE_KEY}:{key}")
        if message is None:
            await self._note(line, way.channel, "skipped", DUPLICATE, rendered.template)
            notice.tried = [*notice.tried, way.channel]
            return False
        notice.state, notice.channel = NoticeState.HANDED, way.channel
        notice.outbound_id, notice.handed_at = message.id, self._resources.clock.now()
        await self._note(line, way.channel, "sent", None, rendered.template)
        return True

    async def _put(self, way: Way, rendered: Rendered, key: str) -> OutboundMessage | None:
        """Store the message on its way out; ``None`` if that key was used before."""
        clock = self._resources.clock
        if way.address is not None:
            return await outbound.say(self._conversations, clock, way.address, rendered.reply, key)
        conversation = await self._conversations.lock(way.conversation)
        if await self._conversations.has_outbound(key):
            return None
        stored = await outbound.put(
            self._conversations, conversation, rendered.reply, key, clock.now()
        )
        await outbound.announce(self._session, conversation.id)
        return stored.row

    async def _end(self, notice: Notice, line: "_Line", ways: Sequence[Way]) -> None:
        """No channel is left: staff of the place ring, unless nobody may or can be rung."""
        phone = open_contact(line.case, self._resources.vault).get("phone")
        may_ring = line.follower.role == "reporter" and line.case.phone_hash is not None
        if any(way.blocked == OPTED_OUT for way in ways):
            notice.state = NoticeState.SKIPPED
        elif phone and may_ring:
            await self._ask_for_call(line, phone)
            notice.state = NoticeState.CALLED
            await self._note(line, None, "failed", "call_task")
        elif notice.outbound_id is not None:
            notice.state = NoticeState.FAILED
            await self._note(line, None, "failed", "no_channel_left")
        else:
            notice.state = NoticeState.SKIPPED
            await self._note(line, None, "skipped", "no_contact")

    async def _ask_for_call(self, line: "_Line", phone: str) -> None:
        case = line.case
        new = CallbackIn(
            conversation_id=case.conversation_id or f"case:{case.case_no}",
            channel="staff",
            phone=phone,
            reason=CALL_REASON,
            text=call_text(line.told),
        )
        about = Matter(case.case_no, case.town, case.village)
        await CallbackService(self._session, self._resources).record(new, about)

    async def _note(
        self,
        line: "_Line",
        channel: str | None,
        outcome: str,
        reason: str | None,
        template: str | None = None,
    ) -> None:
        """One line of the dispatch log."""
        await self._rows.add(
            Dispatch(
                at=self._resources.clock.now(),
                case_id=line.case.id,
                event_id=line.events[-1].id,
                follower_id=line.follower.id,
                channel=channel,
                key=line.key(channel or "-"),
                outcome=outcome,
                reason=reason,
                template=template,
            )
        )
        NOTICES.labels(channel or "none", outcome).inc()


class _Line:
    """What a notice is about."""

    def __init__(
        self, case: Case, follower: CaseFollower, events: Sequence[CaseEvent], told: Told
    ) -> None:
        self.case = case
        self.follower = follower
        self.events = events
        self.told = told

    @classmethod
    async def read(cls, rows: NoticeRepository, notice: Notice) -> "_Line":
        """From the database."""
        case = await rows.case(notice.case_id)
        events = await rows.events_of(notice.id)
        target = await rows.case(case.merged_into) if case.merged_into else None
        told = Told(
            case,
            [happening(e) for e in events],
            target.case_no if target else None,
            promised_by(notice),
        )
        return cls(case, await rows.follower(notice.follower_id), events, told)

    def key(self, channel: str) -> str:
        """case:event:follower:channel, the same for every try."""
        return f"{self.case.case_no}:{self.events[-1].id}:{self.follower.id}:{channel}"
