"""``/staff/reminders``: deadlines near and past that somebody has not read yet."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from backend.cases.reminder_inbox import SHOWN, ReminderInbox
from backend.core.db import SessionDep
from backend.core.resources import ResourcesDep
from backend.web.staff.layout import render_staff
from backend.web.staff.session import PostedVisitDep, VisitDep
from backend.web.staff.wording import done_message, wording

router = APIRouter(prefix="/staff/reminders", include_in_schema=False)
_Id = Annotated[int, Form(ge=1, lt=2**63)]


@router.get("")
async def reminders(
    request: Request,
    visit: VisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    ok: str | None = None,
) -> Response:
    """What falls due, whose it is, when they were told."""
    visit.require("see_cases")
    items = await ReminderInbox(session, resources, visit.staff).unread()
    return render_staff(
        request,
        "staff/reminders.html",
        visit,
        section="work",
        items=items,
        is_full=len(items) == SHOWN,
        message=done_message(ok),
        words=wording()["reminders"],
    )


@router.post("/read")
async def mark_read(
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    reminder: Annotated[list[_Id] | None, Form(max_length=SHOWN)] = None,
) -> Response:
    """Take these off one's own list; everybody else keeps theirs."""
    visit.require("see_cases")
    await ReminderInbox(session, resources, visit.staff).read(reminder or [])
    return RedirectResponse("/staff/reminders?ok=read", status_code=303)
