"""Entries of a case's history."""

from datetime import datetime
from typing import Any

from backend.cases.models import Case, CaseEvent
from backend.cases.rules import Status
from backend.staff.rules import StaffMember


def staff_event(
    case: Case,
    kind: str,
    staff: StaffMember,
    now: datetime,
    *,
    note: str | None = None,
    audience: str = "staff",
    origin: Status | None = None,
    to: Status | None = None,
    data: dict[str, Any] | None = None,
) -> CaseEvent:
    """What a member of staff did, in their name; citizens see it only where ``audience`` is public."""
    return CaseEvent(
        case_id=case.id,
        at=now,
        kind=kind,
        audience=audience,
        actor_kind="staff",
        actor=staff.username,
        actor_label=staff.display_name,
        from_status=origin,
        to_status=to,
        note=note,
        data=data or {},
    )
