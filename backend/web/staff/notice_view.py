"""What the case page says of notices: those that went out, and those a step would send."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case
from backend.cases.rules import Status, steps_from
from backend.cases.step_fields import legible
from backend.cases.wording import status_label
from backend.core.resources import Resources
from backend.notifications.previewing import Audience, Previewer
from backend.notifications.schemas import DispatchOut, Preview
from backend.web.staff.wording import wording

MOST_SHOWN = 4
"""Followers whose notices a page writes out; the rest are counted."""


@dataclass(frozen=True, slots=True)
class SentLine:
    """One attempt to tell somebody, in words."""

    at: datetime
    what: str
    to: str
    channel: str
    outcome: str
    tone: str
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a step would send: a preview, and how many further followers read the same."""

    preview: Preview
    further: int = 0
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody has written into the form of a step so far."""

    to: str
    note: str | None = None
    merged_into: str | None = None
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class StepNotices:
    """Previews of one case's steps; who hears of them is looked up once."""

    session: AsyncSession
    resources: Resources
    case: Case
    typed: Typed | None = None
    _audience: Audience | None = field(default=None, init=False)

    async def of(self, event: str, *, needs_note: bool = False) -> Told:
        """What followers would read of this step or note, with the words typed so far."""
        previewer = Previewer(self.session, self.resources)
        if self._audience is None:
            self._audience = await previewer.audience(self.case, MOST_SHOWN)
        typed = self.typed if self.typed and self.typed.to == event else Typed(event)
        words = wording()["notices"]
        gap = words["gap"] if needs_note and not typed.note else None
        fields, is_open = self._fields(event, typed, words["gap_fields"])
        preview = await previewer.preview(
            self.case,
            event,
            typed.note or gap,
            self._audience,
            merged_into=typed.merged_into or words["gap_case"],
            fields=fields,
        )
        return Told(preview, self._audience.further, is_gap=is_open or gap is not None)

    def _fields(
        self, event: str, typed: Typed, gaps: dict[str, str]
    ) -> tuple[dict[str, str], bool]:
        """What the step records as typed so far; what must still be filled in stands as a gap."""
        steps = steps_from(self.case.category, Status(self.case.status))
        needed = next((step.fields for step in steps if step.to == event), ())
        known = legible({code: typed.fields.get(code, "") for code in needed})
        missing = {code: gaps[code] for code in needed if code in gaps and code not in known}
        return missing | known, bool(missing)


def sent_lines(log: Sequence[DispatchOut]) -> list[SentLine]:
    """The dispatch log in Chinese; a receipt names the notice it belongs to."""
    templates = {line.key: line.template for line in log if line.template}
    return [_sent_line(line, line.template or templates.get(line.key)) for line in log]


def _sent_line(line: DispatchOut, template: str | None) -> SentLine:
    words: dict[str, Any] = wording()["notices"]
    outcome, tone = words["outcomes"][line.outcome]
    return SentLine(
        at=line.at,
        what=template_label(template),
        to=words["followers"][line.follower],
        channel=channel_label(line.channel),
        outcome=outcome,
        tone=tone,
        reason=reason_label(line.reason),
    )


def template_label(template: str | None) -> str:
    """What a notice was about: a step's name, or what else the text tells."""
    name = template or ""
    if name in Status:
        return status_label(name)
    name = name.removesuffix("_open")
    other: dict[str, str] = wording()["notices"]["templates"]
    if name in other:
        return other[name]
    return status_label(name) if name in Status else ""


def channel_label(channel: str | None) -> str:
    """What people call a channel."""
    label: str = wording()["channels"].get(channel or "", "")
    return label


def reason_label(reason: str | None) -> str:
    """Why a notice did not go or arrive, in words; a provider's unknown code is quoted."""
    if not reason:
        return ""
    words = wording()["notices"]
    known: str | None = words["reasons"].get(reason)
    return known or str(words["reason_unknown"]).format(code=reason)
