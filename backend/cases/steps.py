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
from backend.deadlines.rules import Due, LocalRules, due
from backend.settings import Settings

RESTARTED = {
    Status.SUSPENDED: "恢复办理",
    Status.REDO: "重新办理",
    Status.REVIEW: "退回修改",
    Status.REFERRED: "部门退回",
    Status.POLICY_HANDLING: "转入本项目办理",
}
"""From these statuses a clock starts anew; the verb says why."""


def local_rules(settings: Settings) -> LocalRules:
    """The installation's own numbers."""
    return LocalRules(
        verification_working_days=settings.verification_working_days,
        claim_wait_days=settings.claim_wait_days,
        roll_forward=settings.roll_forward,
    )


def enter(case: Case, to: Status, now: datetime, local: LocalRules) -> None:
    """Put a case into a status: its clock, its times, what it comes back to when suspended."""
    origin = Status(case.status)
    set_due(case, deadline(case, origin, to, now, local))
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
    case: Case, origin: Status, to: Status, now: datetime, local: LocalRules
) -> Due | None:
    """The deadline in the new status, if the programme names one."""
    event = clock_started_by(case.category, case.group, to)
    if event is None:
        return None
    restarts = origin in RESTARTED and event in FROM_RECEPTION | FROM_CONFIRMATION
    if restarts or origin == Status.SUSPENDED:
        return due(event, now, local=local, verb=RESTARTED[origin])
    if event in FROM_RECEPTION:
        return due(event, case.created_at, local=local)
    if event in FROM_CONFIRMATION:
        return due(event, case.confirmed_at or now, local=local)
    return due(event, now, local=local)


def set_due(case: Case, new: Due | None) -> None:
    """Write a deadline into the case's columns, or clear them."""
    case.due_event = new.event.value if new else None
    case.due_what = new.what if new else None
    case.due_at = new.at if new else None
    case.due_basis = new.basis if new else None
    case.due_provisional = new.provisional if new else False
    case.due_local = new.local if new else None
