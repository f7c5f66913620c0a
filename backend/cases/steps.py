"""Setting a case's status with its clock; shared by filing and by transitions."""

from datetime import datetime

from backend.cases.models import Case
from backend.cases.rules import (
    FROM_CONFIRMATION,
    FROM_RECEPTION,
    Status,
    clock_started_by,
    holder_of,
)
from backend.deadlines.calendar import WorkCalendar
from backend.deadlines.clockwork import Clockwork, local_rules
from backend.deadlines.rules import Due, Event, LocalRules, due

__all__ = ["deadline", "enter", "local_rules", "set_due"]

RESTARTED = {
    Status.SUSPENDED: "恢复办理",
    Status.REDO: "重新办理",
    Status.REVIEW: "退回修改",
    Status.PUBLICITY: "公示退回",
    Status.SETTLEMENT: "退回整改",
    Status.ASSESSMENT: "补充核查",
    Status.REFERRED: "部门退回",
    Status.POLICY_HANDLING: "转入本项目办理",
}
"""From these statuses a clock starts anew; the verb says why."""
_BACK_IN_THE_HALL, _DOCKED, _TO_THE_FUND = "认领方退出，重新公布", "对接完成", "转入专项资金"
_AFTER_THE_HALL = {
    (Status.CLAIMED, Event.CLAIM_PUBLISHED): _BACK_IN_THE_HALL,
    (Status.CLAIMED, Event.WORKS_CONFIRMED): _DOCKED,
    (Status.CLAIMED, Event.SERVICE_CONFIRMED): _DOCKED,
    (Status.CLAIM_OPEN, Event.WORKS_CONFIRMED): _TO_THE_FUND,
    (Status.CLAIM_OPEN, Event.SERVICE_CONFIRMED): _TO_THE_FUND,
}
"""莞家直达: what waited for a claimant is not late before it could begin (本地设置)."""


def enter(case: Case, to: Status, now: datetime, clockwork: Clockwork) -> None:
    """Put a case into a status: its clock, its times, what it comes back to when suspended.

    A clock that runs on (reception → deliberation) keeps its pause; its extensions are the
    caller's to apply.
    """
    origin = Status(case.status)
    before = (case.due_event, case.due_started_at)
    set_due(case, deadline(case, origin, to, now, clockwork.local, clockwork.work))
    if before != (case.due_event, case.due_started_at):
        case.due_paused_at = None
    case.resume_to = origin.value if to == Status.SUSPENDED else None
    if to == Status.PUBLICITY and origin == Status.REVIEW:
        case.confirmed_at = now
    case.status = to.value
    case.holder = holder_of(case.category, to)
    case.extension_days = None
    case.urged_at = None
    case.entered_at = now
    case.updated_at = now


def deadline(
    case: Case,
    origin: Status,
    to: Status,
    now: datetime,
    local: LocalRules,
    work: WorkCalendar | None = None,
) -> Due | None:
    """The deadline in the new status, if the programme names one."""
    event = clock_started_by(case.category, case.group, to)
    if event is None:
        return None
    verb = _restarted(origin, event)
    if verb:
        return due(event, now, local=local, work=work, verb=verb)
    start = now
    if event in FROM_RECEPTION:
        start = case.created_at
    elif event in FROM_CONFIRMATION or event == Event.DIRECT_CONFIRMED:
        start = case.confirmed_at or now
    return due(event, start, local=local, work=work)


def _restarted(origin: Status, event: Event) -> str | None:
    """Why a clock that would run from an earlier day begins anew; ``None`` if it does not."""
    if (origin, event) in _AFTER_THE_HALL:
        return _AFTER_THE_HALL[origin, event]
    anew = origin == Status.SUSPENDED
    if origin == Status.PUBLICITY:
        anew = event in FROM_RECEPTION
    elif origin in RESTARTED:
        anew = anew or event in FROM_RECEPTION | FROM_CONFIRMATION
    return RESTARTED[origin] if anew else None


def set_due(case: Case, new: Due | None) -> None:
    """Write a deadline into the case's columns, or clear them."""
    case.due_event = new.event.value if new else None
    case.due_what = new.what if new else None
    case.due_at = new.at if new else None
    case.due_basis = new.basis if new else None
    case.due_provisional = new.provisional if new else False
    case.due_local = new.local if new else None
    case.due_started_at = new.started if new else None
    case.due_verb = new.verb if new else None
