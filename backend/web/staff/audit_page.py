"""``/staff/audit``: the audit log for the auditor, with the check of its chain."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from backend.core.db import SessionDep
from backend.core.resources import ResourcesDep
from backend.staff.audit import AuditLog, told
from backend.web.staff.layout import render_staff
from backend.web.staff.session import PostedVisitDep, Visit, VisitDep
from backend.web.staff.wording import wording

router = APIRouter(prefix="/staff/audit", include_in_schema=False)
_PAGE = 50
Words = Annotated[str | None, Query(max_length=100)]


@router.get("")
async def audit_page(
    request: Request,
    visit: VisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    staff: Words = None,
    action: Words = None,
    case_no: Words = None,
    before: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> Response:
    """Entries, newest first."""
    visit.require("read_audit")
    log = AuditLog(session, resources.vault, resources.clock)
    return await _show(request, visit, log, staff, action, case_no, before)


@router.post("/verify")
async def verify(
    request: Request,
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    head: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Walk the chain; ``head`` is a check value noted earlier."""
    visit.require("read_audit")
    log = AuditLog(session, resources.vault, resources.clock)
    report = await log.verify(head.strip().lower() or None)
    return await _show(request, visit, log, verdict=told(report), is_whole=report.is_whole)


async def _show(
    request: Request,
    visit: Visit,
    log: AuditLog,
    staff: str | None = None,
    action: str | None = None,
    case_no: str | None = None,
    before: int | None = None,
    *,
    verdict: str | None = None,
    is_whole: bool = True,
) -> Response:
    wanted = {"staff": staff or None, "action": action or None, "case_no": case_no or None}
    entries = await log.page(before_id=before, limit=_PAGE, **wanted)
    return render_staff(
        request,
        "staff/audit.html",
        visit,
        section="audit",
        entries=entries[:_PAGE],
        next_before=entries[_PAGE - 1].id if len(entries) > _PAGE else None,
        wanted=wanted,
        verdict=verdict,
        is_whole=is_whole,
        words=wording(),
    )
