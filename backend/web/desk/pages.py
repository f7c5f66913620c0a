"""``/desk``: paste or upload, and what waits."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import JSONResponse, RedirectResponse, Response

from backend.core.clock import rfc3339
from backend.core.db import SessionDep
from backend.core.errors import AppError
from backend.core.resources import ResourcesDep
from backend.desk.errors import FileUnreadableError, NothingFoundError
from backend.desk.labelled import labelled_data
from backend.desk.service import DeskService
from backend.staff.rules import StaffMember
from backend.understanding.errors import TextTooLongError
from backend.web.staff.layout import render_staff
from backend.web.staff.session import PostedVisitDep, Visit, VisitDep

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("")
async def home(
    request: Request, visit: VisitDep, session: SessionDep, resources: ResourcesDep
) -> Response:
    """Where a transcript is pasted."""
    return await _home(request, visit, DeskService(session, resources, agent(visit)))


@router.post("/drafts")
async def paste(
    request: Request,
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    text: Annotated[str, Form(max_length=200_000)] = "",
) -> Response:
    """Read a transcript and open it."""
    desk = DeskService(session, resources, agent(visit))
    try:
        token = await desk.paste(text)
    except (NothingFoundError, TextTooLongError) as problem:
        return await _home(request, visit, desk, problem=problem, text=text)
    return RedirectResponse(f"/desk/drafts/{token}", status_code=303)


@router.post("/batches")
async def upload(
    request: Request,
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    files: list[UploadFile],
) -> Response:
    """Queue all transcripts of some files."""
    desk = DeskService(session, resources, agent(visit))
    try:
        token = await desk.upload([(file.filename or "", await file.read()) for file in files])
    except (FileUnreadableError, NothingFoundError) as problem:
        return await _home(request, visit, desk, problem=problem)
    return RedirectResponse(f"/desk?batch={token}", status_code=303)


@router.get("/batches/{token}")
async def progress(
    token: str, visit: VisitDep, session: SessionDep, resources: ResourcesDep
) -> Response:
    """How far an upload is, for the progress bar."""
    batch = await DeskService(session, resources, agent(visit)).batch(token)
    answer = {"total": batch.total, "read": batch.read, "failed": batch.failed}
    return JSONResponse(answer | {"closed": batch.closed}, headers={"Cache-Control": "no-store"})


@router.get("/labelled.jsonl")
async def labelled(visit: VisitDep, session: SessionDep, resources: ResourcesDep) -> Response:
    """What agents corrected, for training."""
    lines = await labelled_data(session, resources, agent(visit))
    day = rfc3339(resources.clock.now())[:10]
    headers = {
        "Content-Disposition": f'attachment; filename="desk-labelled-{day}.jsonl"',
        "Cache-Control": "no-store",
    }
    return Response(lines, media_type="application/x-ndjson", headers=headers)


def agent(visit: Visit) -> StaffMember:
    """The member of staff, if the desk is theirs."""
    visit.require("use_desk")
    return visit.staff


async def _home(
    request: Request,
    visit: Visit,
    desk: DeskService,
    *,
    problem: AppError | None = None,
    text: str = "",
) -> Response:
    return render_staff(
        request,
        "desk/home.html",
        visit,
        section="desk",
        status_code=problem.status if problem else 200,
        home=await desk.home(),
        problem=(problem.detail or problem.title) if problem else None,
        text=text,
    )
