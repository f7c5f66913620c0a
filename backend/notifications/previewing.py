"""Exactly what followers will read of a step, before it is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case, CaseFollower
from backend.cases.rules import DANGER, Status
from backend.cases.steps import enter
from backend.channels.sms.segments import segments
from backend.core.resources import Resources
from backend.deadlines.clockwork import load_clockwork
from backend.notifications.errors import EventUnknownError
from backend.notifications.planning import happening, promised_by
from backend.notifications.reach import Reach, Way
from backend.notifications.rendering import SMS, Rendered, Told, render
from backend.notifications.repository import NoticeRepository
from backend.notifications.rules import (
    CREATED,
    EXTENDED,
    NOTE,
    TRANSITION,
    Happening,
    quiet_until,
    send_after,
    template_of,
)
from backend.notifications.schemas import Preview, PreviewItem

KINDS = frozenset({CREATED, NOTE, EXTENDED, DANGER})


@dataclass(frozen=True, slots=True)
class Listener:
    """A follower, the ways to them, and what a notice that waits for them will tell first."""

    follower: CaseFollower
    ways: Sequence[Way]
    pending: Sequence[Happening]
    waits_until: datetime | None


@dataclass(frozen=True, slots=True)
class Audience:
    """Who hears of a case's steps; ``further`` follow it and were not looked up."""

    listeners: Sequence[Listener]
    further: int = 0


class Previewer:
    """Previews for one case after another, within one request; nothing is stored."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._session = session
        self._resources = resources
        self._rows = NoticeRepository(session)
        self._reach = Reach(session, resources.vault)

    async def audience(self, case: Case, most: int | None = None) -> Audience:
        """The case's followers, its reporter first, at most so many."""
        followers = await self._rows.followers(case.id)
        waiting = await self._rows.waiting(case.id)
        listeners = []
        for follower in followers[:most]:
            notice = waiting.get(follower.id)
            events = await self._rows.events_of(notice.id) if notice else []
            listeners.append(
                Listener(
                    follower,
                    await self._reach.ways(case, follower),
                    [happening(event) for event in events],
                    notice.send_after if notice else None,
                )
            )
        return Audience(listeners, len(followers) - len(listeners))

    async def preview(
        self,
        case: Case,
        event: str,
        note: str | None,
        audience: Audience,
        *,
        merged_into: str | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> Preview:
        """What each listener would read of an event that was (a number) or may come (a name).

        A step to come joins the notice that waits already, as it will when it is taken. ``fields``:
        what is recorded with it, or what stands for a value that is still to come.

        Raises:
            EventUnknownError: the case has no such event, and no step has that name.
        """
        if event.isascii() and event.isdigit():
            return await self._past(case, event, audience)
        if event not in KINDS and event not in Status:
            raise EventUnknownError
        is_step = event not in KINDS
        later = await self._as_if(case, Status(event)) if is_step else case
        step = (
            Happening(TRANSITION, case.status, event, note, fields or {})
            if is_step
            else Happening(event, None, None, note)
        )
        items: list[PreviewItem] = []
        template = template_of(case.category, step)
        for one in audience.listeners if template else ():
            told = Told(later, [*one.pending, step], merged_into)
            items += self._items(one, told, step.kind, template or "")
        return Preview(event=event, decisive=template is not None, items=items)

    async def _past(self, case: Case, event: str, audience: Audience) -> Preview:
        row = await self._rows.event(int(event)) if len(event) < 19 else None
        if row is None or row.case_id != case.id:
            raise EventUnknownError
        step = happening(row)
        target = await self._rows.case(case.merged_into) if case.merged_into else None
        merged = target.case_no if target else None
        template = template_of(case.category, step)
        items: list[PreviewItem] = []
        for one in audience.listeners if template else ():
            notice = await self._rows.telling(row.id, one.follower.id)
            told = Told(case, [step], merged, promised_by(notice))
            items += self._items(one, told, step.kind, template or "")
        return Preview(event=event, decisive=template is not None, items=items)

    async def _as_if(self, case: Case, to: Status) -> Case:
        """The case as it would be after the step; never stored."""
        loaded = set(Case.__mapper__.column_attrs.keys()) - inspect(case).unloaded
        copy = Case(**{name: getattr(case, name) for name in loaded})
        now = self._resources.clock.now()
        clockwork = await load_clockwork(self._session, self._resources.settings, now)
        enter(copy, to, now, clockwork)
        return copy

    def _items(self, one: Listener, told: Told, kind: str, template: str) -> list[PreviewItem]:
        if not one.ways:
            return [_item(one.follower, None, None, template, "skip", "no_contact", None)]
        items, is_first = [], True
        for way in one.ways:
            rendered = render(told, way.channel)
            outcome = "skip" if way.blocked else "send" if is_first else "otherwise"
            at = self._send_at(kind, one.waits_until) if outcome == "send" else None
            items.append(_item(one.follower, way, rendered, template, outcome, way.blocked, at))
            is_first = is_first and way.blocked is not None
        return items

    def _send_at(self, kind: str, waits_until: datetime | None) -> datetime:
        """When it would go out, if it happened now."""
        settings, now = self._resources.settings, self._resources.clock.now()
        if kind == DANGER:
            return now
        at = max(now, waits_until or send_after(kind, now, settings.notice_merge_minutes))
        return quiet_until(at, settings.quiet_from_hour, settings.quiet_until_hour) or at


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
            "segments": segments(rendered.text) if rendered and is_sms else None,
            "outcome": outcome,
            "reason": reason,
            "send_at": at,
        }
    )
