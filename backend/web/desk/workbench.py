"""``/desk/drafts/{token}``: one transcript, its cards, one key to file."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from backend.core.db import SessionDep
from backend.core.resources import ResourcesDep
from backend.desk import forms
from backend.desk.errors import FormRefusedError
from backend.desk.marks import line_of
from backend.desk.schemas import CardInput, DraftView
from backend.desk.service import DeskService
from backend.desk.wording import say
from backend.policies.rules import GROUP_LABELS
from backend.taxonomy.service import taxonomy
from backend.web.desk.pages import agent
from backend.web.staff.layout import render_staff
from backend.web.staff.session import PostedVisitDep, Visit, VisitDep

router = APIRouter(prefix="/desk/drafts/{token}", include_in_schema=False)


@router.get("")
async def workbench(
    request: Request, token: str, visit: VisitDep, session: SessionDep, resources: ResourcesDep
) -> Response:
    """The transcript beside its cards."""
    draft = await DeskService(session, resources, agent(visit)).open(token)
    return _page(request, visit, draft)


@router.post("/cards/{index}/file")
async def file_card(
    request: Request,
    token: str,
    index: int,
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
) -> Response:
    """File a card; the page again with what must be changed if it cannot be."""
    desk, given = DeskService(session, resources, agent(visit)), await _sent(request)
    try:
        await desk.file(token, index, given)
    except FormRefusedError as refused:
        draft = await desk.open(token, refused=(index, given, refused.problems))
        return _page(request, visit, draft, status_code=refused.status)
    return _back(token, index)


@router.post("/cards/{index}/join/{case_no}")
async def join_card(
    request: Request,
    token: str,
    index: int,
    case_no: str,
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
) -> Response:
    """Add the caller to a known case instead."""
    desk = DeskService(session, resources, agent(visit))
    await desk.join(token, index, await _sent(request), case_no)
    return _back(token, index)


@router.post("/cards/{index}/dismiss")
async def dismiss_card(
    token: str, index: int, visit: PostedVisitDep, session: SessionDep, resources: ResourcesDep
) -> Response:
    """No request after all."""
    await DeskService(session, resources, agent(visit)).dismiss(token, index)
    return _back(token, index)


@router.post("/cards/{index}/preview")
async def preview_card(
    request: Request,
    token: str,
    index: int,
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
) -> Response:
    """The panel beside a card for the form as it stands."""
    desk = DeskService(session, resources, agent(visit))
    view = await desk.preview(token, index, await _sent(request))
    return render_staff(request, "desk/panel.html", visit, view=view, token=token, say=say)


@router.post("/cards")
async def add_card(
    token: str, visit: PostedVisitDep, session: SessionDep, resources: ResourcesDep
) -> Response:
    """Another request in the same transcript."""
    index = await DeskService(session, resources, agent(visit)).add_card(token)
    return _back(token, index)


@router.post("/undo/{filing_id}")
async def undo(
    token: str,
    filing_id: int,
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
) -> Response:
    """Take a decision back within a minute."""
    await DeskService(session, resources, agent(visit)).undo(token, filing_id)
    return RedirectResponse(f"/desk/drafts/{token}", status_code=303)


@router.post("/discard")
async def discard(
    token: str, visit: PostedVisitDep, session: SessionDep, resources: ResourcesDep
) -> Response:
    """Close the transcript without filing what is left."""
    await DeskService(session, resources, agent(visit)).discard(token)
    return RedirectResponse("/desk", status_code=303)


def _back(token: str, index: int) -> Response:
    return RedirectResponse(f"/desk/drafts/{token}#card-{index}", status_code=303)


async def _sent(request: Request) -> CardInput:
    form = await request.form()
    return forms.sent(form, [str(group) for group in form.getlist("groups")])


def _page(request: Request, visit: Visit, draft: DraftView, *, status_code: int = 200) -> Response:
    return render_staff(
        request,
        "desk/draft.html",
        visit,
        section="desk",
        status_code=status_code,
        draft=draft,
        open_cards=sum(view.filed is None for view in draft.cards),
        tree=taxonomy().tree,
        group_labels=GROUP_LABELS,
        say=say,
        line_numbers=_line_numbers(draft),
    )


def _line_numbers(draft: DraftView) -> dict[str, list[int]]:
    """By card and field the lines its value stands in, for the links beside the fields."""
    return {
        f"{view.card.index}-{name}": _numbers(draft, source.spans)
        for view in draft.cards
        for name, source in view.card.sources.items()
    }


def _numbers(draft: DraftView, spans: tuple[tuple[int, int], ...]) -> list[int]:
    found = (line_of(draft.lines, start) for start, _ in spans)
    return sorted({number for number in found if number is not None})
