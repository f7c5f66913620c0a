"""``/staff/cases/{case_no}``: one case, its timeline, and everything that can be done with it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.errors import CaseChangedError, CaseNotFoundError, FieldsNeededError
from backend.cases.handling import MOST_EXTENSION_DAYS, CaseHandling
from backend.cases.schemas import NoteIn, RevealIn, TransitionIn
from backend.cases.step_fields import all_fields, written
from backend.conversations.case_images import CaseImages
from backend.core.db import SessionDep
from backend.core.errors import AppError, BadRequestError, ForbiddenError
from backend.core.resources import Resources, ResourcesDep
from backend.staff.audit import AuditLog
from backend.web.staff.bundle import build_bundle
from backend.web.staff.case_acts import Attempt, acts_on
from backend.web.staff.case_pdf import PHOTO_PX, case_pdf
from backend.web.staff.case_view import gather
from backend.web.staff.due import remaining
from backend.web.staff.layout import pages_of, render_staff
from backend.web.staff.notice_view import StepNotices, sent_lines
from backend.web.staff.session import PostedVisitDep, Visit, VisitDep
from backend.web.staff.wording import done_message, wording

router = APIRouter(prefix="/staff/cases/{case_no}", include_in_schema=False)
PART_HEADER = "X-Part"
Act = Callable[[CaseHandling, dict[str, str], int], Awaitable[None]]


@router.get("")
async def case_page(
    request: Request,
    visit: VisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    case_no: str,
    ok: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """The case."""
    visit.require("see_cases")
    return await show_case(request, visit, session, resources, case_no, message=done_message(ok))


@router.post("/acts/{act}")
async def act_on_case(
    request: Request,
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    case_no: str,
    act: str,
) -> Response:
    """Do one thing; what was typed comes back with the reason if it cannot be done.

    ``version`` is the one the page was made from: whoever comes second is told and overwrites
    nothing.
    """
    if act not in _ACTS:
        raise CaseNotFoundError
    visit.require("work_on_case")
    form = await request.form()
    typed = {name: value for name, value in form.items() if isinstance(value, str)}
    desk = CaseHandling(session, resources, visit.staff)
    done, run = _ACTS[act]
    try:
        async with session.begin_nested():
            await run(desk, {"case_no": case_no, **typed}, _number(typed.get("version")))
    except (CaseNotFoundError, ForbiddenError):
        raise
    except (AppError, ValidationError) as error:
        attempt = _attempt(act, typed, error)
        return await show_case(request, visit, session, resources, case_no, attempt=attempt)
    return RedirectResponse(f"/staff/cases/{case_no}?ok={done}", status_code=303)


@router.post("/preview/{act}")
async def preview(
    request: Request,
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    case_no: str,
    act: Literal["move", "note"],
) -> Response:
    """The page with the notices that the words typed so far would send; nothing is done.

    With the header ``X-Part: notices`` only the notices themselves.
    """
    visit.require("work_on_case")
    form = await request.form()
    typed = {name: value for name, value in form.items() if isinstance(value, str)}
    attempt = Attempt(act, "", typed)
    if request.headers.get(PART_HEADER) != "notices" or attempt.words is None:
        return await show_case(request, visit, session, resources, case_no, attempt=attempt)
    case = await CaseHandling(session, resources, visit.staff).find(case_no)
    told = await StepNotices(session, resources, case, attempt.words).of(
        attempt.words.to, needs_note=act == "note" or typed.get("needs_note") == "yes"
    )
    return pages_of(request).render("staff/told.html", told=told, words=wording())


@router.post("/reveal")
async def reveal(
    request: Request,
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    case_no: str,
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """The page with the contact in the clear, once; the reason is in the audit log."""
    visit.require("reveal_contact")
    try:
        why = RevealIn(reason=reason)
    except ValidationError:
        attempt = Attempt("reveal", "请写明为什么要看联系方式（至少两个字）")
        return await show_case(request, visit, session, resources, case_no, attempt=attempt)
    return await show_case(request, visit, session, resources, case_no, reveal=why.reason)


@router.post("/print")
async def print_case(
    visit: PostedVisitDep, session: SessionDep, resources: ResourcesDep, case_no: str
) -> Response:
    """The case file as PDF, contact masked."""
    visit.require("export_case")
    view = await gather(session, resources, visit, case_no)
    await _note_in_audit(session, resources, visit, "case_printed", view.case.case_no)
    images = CaseImages(session, resources, visit.staff)
    photos = await images.pixels(view.images, PHOTO_PX)
    now, who = resources.clock.now(), visit.staff.display_name
    pdf = await asyncio.to_thread(case_pdf, view, photos, now, printed_by=who)
    return _download(pdf, "application/pdf", f"{view.case.case_no}.pdf")


@router.post("/bundle")
async def export_case(
    visit: PostedVisitDep, session: SessionDep, resources: ResourcesDep, case_no: str
) -> Response:
    """Everything about the case for the archive: JSON, photos, audit entries and check sums in a zip."""
    visit.require("export_case")
    view = await gather(session, resources, visit, case_no)
    await _note_in_audit(session, resources, visit, "case_exported", view.case.case_no)
    audit = AuditLog(session, resources.vault, resources.clock)
    entries = await audit.of_case(view.case.case_no)
    photos = await CaseImages(session, resources, visit.staff).pixels(view.images)
    now = resources.clock.now()
    packed = await asyncio.to_thread(build_bundle, view, photos, entries, resources.vault, now)
    return _download(packed, "application/zip", f"{view.case.case_no}.zip")


async def _note_in_audit(
    session: AsyncSession, resources: Resources, visit: Visit, action: str, case_no: str
) -> None:
    log = AuditLog(session, resources.vault, resources.clock)
    if action == "case_printed":
        await log.write(visit.staff.username, "case_printed", case_no=case_no)
    else:
        await log.write(visit.staff.username, "case_exported", case_no=case_no)


def _download(content: bytes, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)


async def show_case(
    request: Request,
    visit: Visit,
    session: AsyncSession,
    resources: Resources,
    case_no: str,
    *,
    message: str | None = None,
    attempt: Attempt | None = None,
    reveal: str | None = None,
) -> Response:
    """The page, with what a form that failed had in it; ``reveal`` is the reason for doing so."""
    contact = None
    if reveal:
        contact = await CaseHandling(session, resources, visit.staff).reveal(case_no, reveal)
    view = await gather(session, resources, visit, case_no, contact=contact)
    acts = await acts_on(session, resources, visit, view, attempt)
    due = view.case.due
    return render_staff(
        request,
        "staff/case.html",
        visit,
        section="work",
        status_code=_status_of(attempt),
        view=view,
        acts=acts,
        notices=sent_lines(view.notices),
        case=view.case,
        left=remaining(due, resources.clock.now()) if due else None,
        message=message,
        attempt=attempt,
        typed=attempt.typed if attempt else {},
        words=wording(),
        written=written,
        field_labels={code: one.label for code, one in all_fields().items()},
        most_days=MOST_EXTENSION_DAYS,
    )


def _status_of(attempt: Attempt | None) -> int:
    if attempt is None or not attempt.problem:
        return 200
    return 409 if attempt.is_stale else 400


def _attempt(act: str, typed: dict[str, str], error: AppError | ValidationError) -> Attempt:
    if isinstance(error, ValidationError):
        return Attempt(act, "内容太长或有不能用的字符，请改短后再提交", typed)
    faults = error.extra.get("fields") if isinstance(error, FieldsNeededError) else None
    return Attempt(
        act,
        error.detail or error.title,
        typed,
        faults if isinstance(faults, dict) else {},
        is_stale=isinstance(error, CaseChangedError),
        seen_events=_number(typed.get("seen_events")),
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


def _needed(typed: dict[str, str], name: str, ask: str) -> str:
    value = typed.get(name, "").strip()
    if not value:
        raise BadRequestError(ask)
    return value


async def _move(desk: CaseHandling, typed: dict[str, str], version: int) -> None:
    wish = TransitionIn(
        to=typed.get("to", ""),
        note=typed.get("note"),
        staff_note=typed.get("staff_note"),
        merged_into=typed.get("merged_into"),
        fields={code: typed[f"field_{code}"] for code in all_fields() if f"field_{code}" in typed},
        version=version,
    )
    await desk.move(typed["case_no"], wish)


async def _note(desk: CaseHandling, typed: dict[str, str], version: int) -> None:
    text = _needed(typed, "note", "请写上备注的内容")
    is_public = typed.get("audience") == "public"
    new = NoteIn(note=text, audience="public" if is_public else "staff", version=version)
    await desk.note(typed["case_no"], new)


async def _assign(desk: CaseHandling, typed: dict[str, str], version: int) -> None:
    await desk.assign(typed["case_no"], typed.get("assignee") or None, version)


async def _ask_extension(desk: CaseHandling, typed: dict[str, str], version: int) -> None:
    reason = _needed(typed, "reason", "请写明为什么要延期")
    await desk.ask_extension(typed["case_no"], _number(typed.get("days")), reason, version)


async def _decide_extension(desk: CaseHandling, typed: dict[str, str], version: int) -> None:
    note = typed.get("note", "").strip() or None
    grant = typed.get("grant") == "yes"
    await desk.decide_extension(typed["case_no"], grant=grant, note=note, version=version)


async def _urge(desk: CaseHandling, typed: dict[str, str], version: int) -> None:
    await desk.urge(typed["case_no"], _needed(typed, "reason", "请写明督办的内容"), version)


_ACTS: dict[str, tuple[str, Act]] = {
    "move": ("moved", _move),
    "note": ("noted", _note),
    "assign": ("assigned", _assign),
    "ask-extension": ("extension", _ask_extension),
    "decide-extension": ("decided", _decide_extension),
    "urge": ("urged", _urge),
}
