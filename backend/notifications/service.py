"""What staff see of notices, and what citizens want of them."""

from datetime import datetime
from typing import cast

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case, CaseFollower
from backend.cases.rules import Status
from backend.cases.steps import enter
from backend.cases.work import StaffDesk
from backend.channels.sms.segments import segments
from backend.core.resources import Resources
from backend.deadlines.clockwork import load_clockwork
from backend.notifications.errors import EventUnknownError
from backend.notifications.models import Preference
from backend.notifications.planning import happening
from backend.notifications.reach import Reach, Way
from backend.notifications.rendering import SMS, Rendered, Told, render
from backend.notifications.repository import NoticeRepository
from backend.notifications.rules import (
    CREATED,
    DANGER,
    EXTENDED,
    NOTE,
    TRANSITION,
    Happening,
    quiet_until,
    send_after,
    template_of,
)
from backend.notifications.schemas import (
    DispatchLog,
    DispatchOut,
    PreferenceIn,
    PreferenceOut,
    Preview,
    PreviewItem,
)
from backend.staff.rules import StaffMember

_KINDS = frozenset({CREATED, NOTE, EXTENDED, DANGER})


class NoticeDesk:
    """A member of staff's view of a case's notices."""

    def __init__(self, session: AsyncSession, resources: Resources, staff: StaffMember) -> None:
        self._session = session
        self._resources = resources
        self._desk = StaffDesk(session, resources, staff)
        self._rows = NoticeRepository(session)
        self._reach = Reach(session, resources.vault)

    async def log(self, case_no: str) -> DispatchLog:
        """Every attempt to tell somebody of this case, newest first."""
        case = await self._desk.find(case_no)
        lines = await self._rows.log(case.id)
        items = [
            DispatchOut.model_validate(
                {
                    name: getattr(line, name)
                    for name in DispatchOut.model_fields
                    if name != "follower"
                }
                | {"follower": follower.role}
            )
            for line, follower in lines
        ]
        return DispatchLog(items=items)

    async def preview(self, case_no: str, event: str, note: str | None) -> Preview:
        """What each follower would read of an event that was (a number) or may come (a name).

        Raises:
            EventUnknownError: the case has no such event, and no step has that name.
        """
        case = await self._desk.find(case_no)
        told, step = await self._told(case, event, note)
        template = template_of(case.category, step)
        items: list[PreviewItem] = []
        if template is not None:
            for follower in await self._rows.followers(case.id):
                items += await self._items(case, told, step, template, follower)
        return Preview(event=event, decisive=template is not None, items=items)

    async def _told(self, case: Case, event: str, note: str | None) -> tuple[Told, Happening]:
        if event.isascii() and event.isdigit():
            row = await self._rows.event(int(event)) if len(event) < 19 else None
            if row is None or row.case_id != case.id:
                raise EventUnknownError
            step = happening(row)
            return Told(case, [step], await self._merged_into(case)), step
        if event in _KINDS:
            step = Happening(event, None, None, note)
            return Told(case, [step]), step
        if event not in Status:
            raise EventUnknownError
        step = Happening(TRANSITION, case.status, event, note)
        return Told(await self._as_if(case, Status(event)), [step], case.case_no), step

    async def _merged_into(self, case: Case) -> str | None:
        return (await self._rows.case(case.merged_into)).case_no if case.merged_into else None

    async def _as_if(self, case: Case, to: Status) -> Case:
        """The case as it would be after the step; never stored."""
        loaded = set(Case.__mapper__.column_attrs.keys()) - inspect(case).unloaded
        copy = Case(**{name: getattr(case, name) for name in loaded})
        now = self._resources.clock.now()
        clockwork = await load_clockwork(self._session, self._resources.settings, now)
        enter(copy, to, now, clockwork)
        return copy

    async def _items(
        self, case: Case, told: Told, step: Happening, template: str, follower: CaseFollower
    ) -> list[PreviewItem]:
        ways = await self._reach.ways(case, follower)
        if not ways:
            return [_item(follower, None, None, template, "skip", "no_contact", None)]
        items, is_first = [], True
        for way in ways:
            rendered = render(told, way.channel)
            outcome = "skip" if way.blocked else "send" if is_first else "otherwise"
            at = self._send_at(step.kind) if outcome == "send" else None
            items.append(_item(follower, way, rendered, template, outcome, way.blocked, at))
            is_first = is_first and way.blocked is not None
        return items

    def _send_at(self, kind: str) -> datetime:
        """When it would go out, if it happened now."""
        settings = self._resources.settings
        at = send_after(kind, self._resources.clock.now(), settings.notice_merge_minutes)
        if kind == DANGER:
            return at
        return quiet_until(at, settings.quiet_from_hour, settings.quiet_until_hour) or at


class PreferenceService:
    """What a conversation's citizen wants, within one request."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._rows = NoticeRepository(session)
        self._clock = resources.clock

    async def put(self, wish: PreferenceIn) -> PreferenceOut:
        """Keep the wish, with the moment and the channel it came by."""
        row = Preference(
            conversation_id=wish.conversation_id,
            muted=sorted(set(wish.muted)),
            preferred=wish.preferred,
            source=wish.channel,
            updated_at=self._clock.now(),
        )
        await self._rows.prefer(row)
        return PreferenceOut(muted=row.muted, preferred=row.preferred, updated_at=row.updated_at)

    async def read(self, conversation_id: str) -> PreferenceOut:
        """What is kept; nothing muted where nobody has said anything."""
        row = await self._rows.preference(conversation_id)
        if row is None:
            return PreferenceOut(muted=[], preferred=None, updated_at=None)
        return PreferenceOut(muted=row.muted, preferred=row.preferred, updated_at=row.updated_at)


def _item(
    follower: CaseFollower,
    way: Way | None,
    rendered: Rendered | None,
    template: str,
    outcome: str,
    reason: str | None,
    at: datetime | None,
) -> PreviewItem:
    is_sms = rendered is not None and way is not None and way.channel == SMS
    return PreviewItem.model_validate(
        {
            "follower": follower.role,
            "channel": way.channel if way else None,
            "to": way.shown if way else None,
            "template": rendered.template if rendered else template,
            "text": rendered.text if rendered else None,
            "buttons": [b.title for b in rendered.reply.buttons] if rendered else [],
            "segments": segments(cast(Rendered, rendered).text) if is_sms else None,
            "outcome": outcome,
            "reason": reason,
            "send_at": at,
        }
    )
