"""``/staff/undelivered``: messages that did not reach their citizen, and sending them again."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from backend.conversations.errors import MessageNotFoundError, NotResendableError
from backend.conversations.undelivered import UNDELIVERED, OutboundDesk
from backend.conversations.views import DeliveryStep, OutboundOut
from backend.core.clock import to_local
from backend.core.db import SessionDep
from backend.core.resources import ResourcesDep
from backend.web.staff.layout import render_staff
from backend.web.staff.notice_view import channel_label, reason_label
from backend.web.staff.session import PostedVisitDep, VisitDep
from backend.web.staff.wording import done_message, wording

router = APIRouter(prefix="/staff/undelivered", include_in_schema=False)
_PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One message in words; never what it says."""

    message: OutboundOut
    what: str
    channel: str
    outcome: str
    tone: str
    reason: str
    steps: list[str]


@router.get("")
async def undelivered(
    request: Request,
    visit: VisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    before: Annotated[int | None, Query(ge=1, lt=2**62)] = None,
    ok: str | None = None,
) -> Response:
    """Newest first."""
    visit.require("see_outbound")
    desk = OutboundDesk(session, resources.clock, visit.staff)
    page = await desk.page(UNDELIVERED, before, _PAGE)
    return render_staff(
        request,
        "staff/undelivered.html",
        visit,
        section="undelivered",
        lines=[_line(message) for message in page.items],
        next_before=page.next_before,
        may_resend=visit.may("resend_outbound"),
        message=done_message(ok),
        words=wording()["undelivered"],
    )


@router.post("/resend")
async def resend(
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    message: Annotated[int, Form(ge=1, lt=2**62)],
) -> Response:
    """Send it again; what somebody else has sent meanwhile is left alone."""
    visit.require("resend_outbound")
    try:
        await OutboundDesk(session, resources.clock, visit.staff).resend(message)
    except (MessageNotFoundError, NotResendableError):
        return RedirectResponse("/staff/undelivered?ok=not_resent", status_code=303)
    return RedirectResponse("/staff/undelivered?ok=resent", status_code=303)


def _line(message: OutboundOut) -> Line:
    words: dict[str, Any] = wording()["undelivered"]
    outcome, tone = words["outcomes"][message.state]
    return Line(
        message=message,
        what=words["notice"] if message.case_no else words["answer"],
        channel=channel_label(message.channel),
        outcome=outcome,
        tone=tone,
        reason=reason_label(message.failure),
        steps=[_step(step, words["steps"]) for step in message.steps],
    )


def _step(step: DeliveryStep, names: dict[str, str]) -> str:
    reason = reason_label(step.reason)
    at = f"{to_local(step.at):%m-%d %H:%M}"
    return f"{at} {names.get(step.what, step.what)}{f'：{reason}' if reason else ''}"
