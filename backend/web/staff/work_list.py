"""``/staff``: the work list, its saved views and bulk acts."""

from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases import finding
from backend.cases.errors import CaseChangedError, NotNowError
from backend.cases.handling import CaseHandling
from backend.cases.reminder_inbox import SHOWN, ReminderInbox
from backend.cases.rules import Status
from backend.cases.saved_views import SavedViews
from backend.cases.schemas import NoteIn
from backend.cases.wording import status_label
from backend.cases.work_list import COUNT_LIMIT, WorkList, WorkListQuery, tabs_of
from backend.core.db import SessionDep
from backend.core.errors import AppError, BadRequestError
from backend.core.resources import Resources, ResourcesDep
from backend.places.service import gazetteer
from backend.staff.repository import StaffRepository
from backend.taxonomy.service import taxonomy
from backend.web.staff.due import remaining
from backend.web.staff.layout import render_staff
from backend.web.staff.session import PostedVisitDep, Visit, VisitDep
from backend.web.staff.wording import done_message, wording

router = APIRouter(prefix="/staff", include_in_schema=False)
_MOST_AT_ONCE = 100
_FILTERS = ("q", "category", "type", "status", "town", "village", "assignee", "urged")
Ticked = Annotated[list[str], Form(max_length=_MOST_AT_ONCE)]


class PageQuery(WorkListQuery):
    """The list, and what has just been done on it."""

    ok: str | None = None
    skipped: int = 0


@router.get("")
async def work_list(
    request: Request,
    visit: VisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    wanted: Annotated[PageQuery, Query()],
) -> Response:
    """What is theirs, what is due, when and why."""
    visit.require("see_cases")
    return await _show(request, visit, session, resources, wanted)


@router.post("/bulk")
async def bulk(
    request: Request,
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    act: Annotated[str, Form(max_length=20)],
    cases: Ticked | None = None,
    text: Annotated[str, Form(max_length=2_000)] = "",
    back: Annotated[str, Form(max_length=2_000)] = "",
) -> Response:
    """One act on all ticked cases; those that changed meanwhile are left alone and counted."""
    visit.require("urge" if act == "urge" else "work_on_case")
    if not cases:
        raise BadRequestError("请先勾选要处理的诉求")
    if act in ("note", "urge") and not text.strip():
        raise BadRequestError("请写上备注或督办的内容")
    desk = CaseHandling(session, resources, visit.staff)
    skipped = 0
    for ticked in cases:
        case_no, _, version = ticked.partition(":")
        try:
            async with session.begin_nested():
                await _act(desk, visit, act, case_no, int(version or 0), text.strip())
        except (CaseChangedError, NotNowError):
            skipped += 1
    done = {"take": "assigned", "release": "assigned", "note": "noted", "urge": "urged"}[act]
    query = dict(parse_qsl(back)) | {"ok": done, "skipped": str(skipped)}
    return RedirectResponse(f"/staff?{urlencode(query)}", status_code=303)


@router.post("/views")
async def save_view(
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    name: Annotated[str, Form(min_length=1, max_length=20)],
    query: Annotated[str, Form(max_length=2_000)] = "",
) -> Response:
    """Keep the present filters under a name."""
    kept = _address(dict(parse_qsl(query)))
    views = SavedViews(session, visit.staff.id)
    await views.save(name.strip(), kept, resources.clock.now())
    return RedirectResponse(f"/staff?{kept}&ok=saved", status_code=303)


@router.post("/views/{view_id}/remove")
async def remove_view(visit: PostedVisitDep, session: SessionDep, view_id: int) -> Response:
    """Forget a view."""
    await SavedViews(session, visit.staff.id).remove(view_id)
    return RedirectResponse("/staff?ok=removed", status_code=303)


async def _act(
    desk: CaseHandling, visit: Visit, act: str, case_no: str, version: int, text: str
) -> None:
    match act:
        case "take":
            await desk.assign(case_no, visit.staff.username, version)
        case "release":
            await desk.assign(case_no, None, version)
        case "note":
            await desk.note(case_no, NoteIn(note=text, version=version))
        case "urge":
            await desk.urge(case_no, text, version)
        case _:
            raise BadRequestError


async def _show(
    request: Request,
    visit: Visit,
    session: AsyncSession,
    resources: Resources,
    wanted: PageQuery,
) -> Response:
    desk = WorkList(session, resources, visit.staff)
    problem: AppError | None = None
    try:
        page = await desk.page(wanted)
    except AppError as error:
        problem = error
        page = await desk.page(WorkListQuery(tab=wanted.tab))
    filters = {name: getattr(wanted, name) for name in _FILTERS if getattr(wanted, name)}
    now = resources.clock.now()
    due = {case.case_no: remaining(case.due, now) for case in page.items if case.due}
    views = await SavedViews(session, visit.staff.id).all()
    return render_staff(
        request,
        "staff/work_list.html",
        visit,
        section="work",
        status_code=problem.status if problem else 200,
        problem=problem and (problem.detail or problem.title),
        message=done_message(wanted.ok),
        skipped=wanted.skipped,
        page=page,
        due=due,
        names=await StaffRepository(session).names(
            [case.assignee for case in page.items if case.assignee]
        ),
        wanted=wanted,
        tabs=tabs_of(visit.staff.role),
        counts=await desk.counts(),
        reminders=await ReminderInbox(session, resources, visit.staff).count(),
        most_reminders=SHOWN,
        count_limit=COUNT_LIMIT,
        filters=filters,
        here=_address(filters | {"tab": wanted.tab}),
        read_at_once=finding.READ_AT_ONCE,
        next_page=page.next_cursor
        and _address(filters | {"tab": wanted.tab, "cursor": page.next_cursor}),
        views=views,
        choices=_choices(visit),
        words=wording(),
        address=_address,
    )


def _choices(visit: Visit) -> dict[str, Any]:
    """What the filters offer."""
    places = gazetteer()
    town = visit.staff.town
    return {
        "towns": [] if town or visit.staff.village else list(places.towns.values()),
        "villages": places.villages_of(town) if town and not visit.staff.village else [],
        "statuses": [(status.value, status_label(status.value)) for status in Status],
        "tree": taxonomy().tree.categories,
    }


def _address(query: dict[str, Any]) -> str:
    """A query string of the list that is certainly one: unknown parts are dropped."""
    try:
        wanted = WorkListQuery.model_validate(query)
    except ValidationError:
        return "tab=place"
    kept = wanted.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    kept["tab"] = wanted.tab
    return urlencode(kept)
