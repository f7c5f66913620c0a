"""One notice as the follower reads it, per channel; preview and dispatch use the same words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backend.cases.models import Case
from backend.cases.wording import status_label
from backend.channels.sms.templates import templates as sms_templates
from backend.conversations.schemas import Button, Notice, Reply
from backend.core.clock import local_date, to_local
from backend.deadlines.rules import chinese_date
from backend.notifications.rules import Happening, template_of
from backend.places.service import gazetteer
from backend.taxonomy.service import taxonomy

WECHAT, SMS, WEBCHAT = "wechat", "sms", "webchat"
WECHAT_NOTICE = "case_step"
_FIELD_CHARS = 20
_FILE = Path(__file__).with_name("templates.yml")
_GAP = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Told:
    """What one notice tells: the case as it is, its events oldest first.

    ``promised``: exactly this registered text, whatever the events are.
    """

    case: Case
    events: Sequence[Happening]
    merged_into: str | None = None
    promised: Notice | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A notice in words for one channel."""

    template: str
    text: str = field(repr=False)
    reply: Reply = field(repr=False)


@cache
def wording() -> dict[str, Any]:
    """The file's content, read once."""
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def texts() -> dict[str, str]:
    """The texts of chat channels by name."""
    named: dict[str, str] = wording()["templates"]
    return named


def render(told: Told, channel: str, *, is_urgent: bool = False) -> Rendered | None:
    """The notice for a channel; ``None`` if none of the events is decisive."""
    if told.promised is not None:
        return _as_promised(told.promised, channel, is_urgent=is_urgent)
    decisive = [e for e in told.events if template_of(told.case.category, e)]
    if not decisive:
        return None
    variables = _variables(told, decisive)
    name = _name(told, decisive, channel)
    text = _text(name, variables, channel)
    buttons = _buttons(name) if channel == WEBCHAT else ()
    asked = told.case.case_no if name in _ASKS_RATING else None
    notice = _notice(name, variables, told, channel)
    return Rendered(name, text, Reply(text, buttons, is_urgent, notice, asks_rating_of=asked))


def _as_promised(promised: Notice, channel: str, *, is_urgent: bool) -> Rendered:
    known = sms_templates()
    text = known.fill(promised.template, promised.variables)
    if channel != SMS:
        text = text.removeprefix(known.signature)
    notice = promised if channel == SMS else None
    return Rendered(promised.template, text, Reply(text, (), is_urgent, notice))


def call_text(told: Told) -> str:
    """What village staff read when they must ring instead."""
    rendered = render(told, WEBCHAT)
    said = rendered.text if rendered else ""
    return str(wording()["call_task"]).format(case_no=told.case.case_no, text=said)


def _name(told: Told, decisive: Sequence[Happening], channel: str) -> str:
    """The first text that can be filled: one with a deadline only where there is one."""
    steps = [e for e in decisive if e.kind != "note"]
    latest = decisive[-1]
    wanted = template_of(told.case.category, latest) or "status"
    if len(steps) > 1 and wanted not in _ASK_OR_EXPLAIN:
        wanted = "steps"
    known = _known(channel)
    for name in (wanted, f"{wanted}_open", "status"):
        if name in known and (told.case.due_at or "{due}" not in known[name]):
            return name
    raise KeyError(wanted)


_ASK_OR_EXPLAIN = frozenset(
    {
        "meeting_fixed",
        "feedback",
        "completed",
        "refused",
        "suspended",
        "merged",
        "callback_missed",
        "danger",
    }
)
"""These say more than where a case stands, also after several steps."""


def _known(channel: str) -> dict[str, str]:
    if channel != SMS:
        return texts()
    return {name: template.text for name, template in sms_templates().by_name.items()}


def _text(name: str, variables: dict[str, str], channel: str) -> str:
    if channel == SMS:
        return sms_templates().fill(name, variables)
    return _GAP.sub(lambda gap: variables[gap.group(1)], texts()[name])


def _variables(told: Told, decisive: Sequence[Happening]) -> dict[str, str]:
    case, defaults = told.case, wording()["defaults"]
    note = decisive[-1].note
    steps = [e for e in decisive if e.kind != "note"]
    labels = [_label(e) for e in steps if e.to_status]
    return {
        "case_no": case.case_no,
        "type": taxonomy().label(case.type),
        "status": status_label(case.status),
        "due": _due(case),
        "reason": note or defaults["reason"],
        "result": note or defaults["result"],
        **_whereabouts(told),
        **_meeting(decisive[-1], case),
        "other_no": told.merged_into or "",
        "count": str(len(steps)),
        "steps": str(wording()["step_separator"]).strip().join(labels),
    }


def _label(step: Happening) -> str:
    """The status a step led to, and to which department."""
    label, department = status_label(step.to_status or ""), step.fields.get("department")
    return f"{label}（{_named(department)}）" if department else label


def _whereabouts(told: Told) -> dict[str, str]:
    """Who has the case: its village (or town), its town, the department named with a step."""
    places, case, defaults = gazetteer(), told.case, wording()["defaults"]
    town = places.towns[case.town].name if case.town in places.towns else None
    village = places.villages[case.village].short if case.village in places.villages else town
    named = [e.fields["department"] for e in told.events if e.fields.get("department")]
    return {
        "place": village or defaults["place"],
        "town": town or defaults["town"],
        "department": _named(named[-1]) if named else defaults["department"],
    }


def _named(department: str) -> str:
    """A department as staff wrote it; the code of a town or village is its name."""
    places = gazetteer()
    if department in places.towns:
        return places.towns[department].name
    return places.villages[department].short if department in places.villages else department


def _meeting(step: Happening, case: Case) -> dict[str, str]:
    """When and where the village talks about it; without a room, in the village."""
    on = step.fields.get("meeting_on")
    if on is None:
        return {}
    said = _day_of_week(on, local_date(case.created_at))
    where = step.fields.get("meeting_place") or _whereabouts(Told(case, []))["place"]
    return {"when": said, "where": where}


def _day_of_week(on: str, since: date) -> str:
    """11月13日（星期五）; what is no date yet (a preview's gap) as it is."""
    try:
        day = date.fromisoformat(on)
    except ValueError:
        return on
    return chinese_date(day, since=since) + str(wording()["weekdays"][day.weekday()])


def _due(case: Case) -> str:
    if case.due_at is None:
        return ""
    day = chinese_date(local_date(case.due_at), since=local_date(case.created_at))
    return day + (str(wording()["provisional"]) if case.due_provisional else "")


_ASKS_RATING = frozenset({"feedback"})


def _buttons(name: str) -> tuple[Button, ...]:
    if name not in _ASKS_RATING:
        return ()
    return tuple(Button(word, word) for word in wording()["rating_buttons"])


def _notice(name: str, variables: dict[str, str], told: Told, channel: str) -> Notice | None:
    """The same as a registered text, as that channel's templates name it."""
    if channel == SMS:
        return Notice(name, {key: value for key, value in variables.items() if value})
    if channel == WECHAT:
        at = to_local(told.case.updated_at)
        fields = {
            "case_no": told.case.case_no,
            "matter": variables["type"],
            "step": variables["status"],
            "at": f"{at:%Y-%m-%d %H:%M}",
        }
        return Notice(WECHAT_NOTICE, {key: value[:_FIELD_CHARS] for key, value in fields.items()})
    return None
