"""From a case's event to one waiting notice per follower; steps close together share it."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case, CaseEvent, CaseFollower
from backend.cases.repository import CaseRepository
from backend.cases.rules import DANGER, Status
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Notice as Promised
from backend.core.resources import Resources
from backend.notifications.models import Notice, NoticeState
from backend.notifications.reach import Reach
from backend.notifications.repository import NoticeRepository
from backend.notifications.rules import CREATED, Happening, send_after, template_of

DUPLICATE = "duplicate"


def happening(event: CaseEvent) -> Happening:
    """The event as the rules take it."""
    fields = event.data.get("fields") or {}
    return Happening(event.kind, event.from_status, event.to_status, event.note, fields)


def promised_by(notice: Notice | None) -> Promised | None:
    """The registered text that a notice brings word for word, if it was promised."""
    return Promised(**notice.promised) if notice is not None and notice.promised else None


async def plan(resources: Resources, event_id: int) -> int:
    """Plan the notices of one event, in one transaction; how many followers will be told.

    Running again changes nothing: each event is taken once per follower.
    """
    async with resources.database.transaction() as session:
        rows = NoticeRepository(session)
        event = await rows.event(event_id)
        if event is None or event.audience != "public":
            return 0
        case = await rows.case(event.case_id, lock=True)
        template = template_of(case.category, happening(event))
        if template is None:
            return 0
        planner = _Planner(rows, resources)
        followers = await rows.followers(case.id)
        told = [await planner.plan(case, event, template, follower) for follower in followers]
        if event.to_status == Status.MERGED and case.merged_into is not None:
            await _follow_along(session, resources, case, case.merged_into)
        return sum(told)


async def _follow_along(
    session: AsyncSession, resources: Resources, case: Case, target_id: int
) -> None:
    """Who followed a case follows the one it was merged into, each by their nearest way, once."""
    rows, reach = NoticeRepository(session), Reach(session, resources.vault)
    conversations = ConversationRepository(session, resources.vault)
    target, now = await rows.case(target_id), resources.clock.now()
    there = [await reach.ways(target, known) for known in await rows.followers(target_id)]
    told = {way.conversation for ways in there for way in ways}
    for follower in await rows.followers(case.id):
        ways = await reach.ways(case, follower)
        if not ways or ways[0].conversation in told:
            continue
        if (to := ways[0].address) is not None:
            await conversations.open_locked(
                to.channel, to.address, now, keeps_address=True, is_inbound=False
            )
        whose = str(ways[0].conversation)
        await CaseRepository(session).follow(target_id, "supporter", whose, now)
        told.add(ways[0].conversation)


class _Planner:
    def __init__(self, rows: NoticeRepository, resources: Resources) -> None:
        self._rows = rows
        self._settings = resources.settings
        self._clock = resources.clock

    async def plan(
        self, case: Case, event: CaseEvent, template: str, follower: CaseFollower
    ) -> bool:
        """Whether this follower will be told."""
        if not await self._rows.claim_step(event.id, follower.id):
            return False
        if _knows_already(event, follower):
            now = self._clock.now()
            await self._rows.skip(event, follower, case.case_no, DUPLICATE, now, template)
            return False
        notice = await self._waiting(case, event, follower)
        await self._rows.bind_step(event.id, follower.id, notice.id)
        return True

    async def _waiting(self, case: Case, event: CaseEvent, follower: CaseFollower) -> Notice:
        """The notice that waits already, or a new one."""
        now = self._clock.now()
        at = send_after(event.kind, now, self._settings.notice_merge_minutes)
        notice = await self._rows.open_notice(case.id, follower.id)
        if notice is None:
            notice = Notice(
                case_id=case.id,
                follower_id=follower.id,
                state=NoticeState.WAITING,
                is_urgent=event.kind == DANGER,
                send_after=at,
                tried=[],
                created_at=now,
            )
            await self._rows.add(notice)
        elif event.kind == DANGER:
            notice.is_urgent, notice.send_after = True, now
        return notice


def _knows_already(event: CaseEvent, follower: CaseFollower) -> bool:
    """Reporters do what they do in a conversation, which has answered them."""
    if event.actor_kind != "citizen" or follower.role != "reporter":
        return event.kind == CREATED and follower.role != "reporter"
    return follower.conversation_id is not None
