"""``/staff/new``: the quick entry form for visits, paper slips and counters, made for phones."""

import secrets
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.errors import KeyReusedError, UnknownCodeError
from backend.cases.filing import CaseFiling
from backend.cases.schemas import CaseCreate
from backend.conversations.case_images import CaseImages, usable
from backend.conversations.errors import ImagesRefusedError
from backend.conversations.evidence import Photo
from backend.core.db import SessionDep
from backend.core.resources import Resources, ResourcesDep
from backend.places.service import gazetteer
from backend.taxonomy.service import taxonomy
from backend.web.staff.images import contents
from backend.web.staff.layout import render_staff
from backend.web.staff.session import PostedVisitDep, Visit, VisitDep
from backend.web.staff.wording import wording

router = APIRouter(prefix="/staff/new", include_in_schema=False)
_ASK = {
    "type": "请选择事项",
    "description": "请写下诉求内容",
    "contact_phone": "电话号码的位数不对，请再核对",
    "beneficiaries": "人数请填整数",
    "source": "请选择从哪里收到的",
    "village": "请选择村（社区）",
    "town": "请选择镇街",
}
_FIELDS = (
    "type", "description", "town", "village", "address", "contact_name", "contact_phone", "person",
    "beneficiaries", "source", "proposer_kind",
)  # fmt: skip


@router.get("")
async def entry_page(request: Request, visit: VisitDep) -> Response:
    """The empty form."""
    visit.require("file_case")
    return _form(request, visit, {"key": secrets.token_urlsafe(12), "source": "visit"})


@router.post("")
async def file_entry(
    request: Request, visit: PostedVisitDep, session: SessionDep, resources: ResourcesDep
) -> Response:
    """File the case once, however often the form is sent."""
    visit.require("file_case")
    form = await request.form()
    typed = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    groups = [value for name, value in form.multi_items() if name == "groups"]
    try:
        new = _case(visit, typed, groups)
        photos = await usable(await contents(form))
        case_no = await _file(session, resources, visit, new, typed.get("key", ""), photos)
    except ImagesRefusedError as error:
        return _form(request, visit, typed, groups, {"photos": error.detail or error.title})
    except ValidationError as error:
        faults = {str(fault["loc"][0]): _ask(str(fault["loc"][0])) for fault in error.errors()}
        return _form(request, visit, typed, groups, faults)
    except UnknownCodeError as error:
        name = error.detail or "type"
        return _form(request, visit, typed, groups, {name: _ask(name)})
    return RedirectResponse(f"/staff/cases/{case_no}?ok=filed", status_code=303)


async def _file(
    session: AsyncSession,
    resources: Resources,
    visit: Visit,
    new: CaseCreate,
    key: str,
    photos: list[Photo],
) -> str:
    """The number of the case; a form that comes twice files once and adds its photos once."""
    filing = CaseFiling(session, resources)
    try:
        async with session.begin_nested():
            case, is_new = await filing.file(new, visit.staff, f"entry-{key[:60]}")
    except KeyReusedError:
        case, is_new = await filing.file(new, visit.staff, f"entry-{secrets.token_urlsafe(12)}")
    if photos and is_new:
        await CaseImages(session, resources, visit.staff).add(case.case_no, photos, None)
    return case.case_no


def _case(visit: Visit, typed: dict[str, str], groups: list[Any]) -> CaseCreate:
    """The form as a case; the staff's own place is filled in."""
    member = visit.staff
    values: dict[str, Any] = {name: typed.get(name) or None for name in _FIELDS}
    if values["description"] is None:
        values["description"] = ""
    values["village"] = member.village or values["village"]
    values["town"] = member.town or values["town"]
    return CaseCreate(
        **values,
        groups=groups,
        anonymous=typed.get("anonymous") == "yes",
        on_behalf=bool(values["person"]),
        channel="hotline" if member.role == "hotline" else "staff",
        labelled_by="agent",
    )


def _ask(name: str) -> str:
    return _ASK.get(name, "这一项填得不对")


def _form(
    request: Request,
    visit: Visit,
    typed: dict[str, str],
    groups: list[Any] | None = None,
    faults: dict[str, str] | None = None,
) -> Response:
    places, member = gazetteer(), visit.staff
    towns = [places.towns[member.town]] if member.town else list(places.towns.values())
    return render_staff(
        request,
        "staff/entry.html",
        visit,
        section="new",
        status_code=400 if faults else 200,
        typed=typed,
        ticked=groups or [],
        faults=faults or {},
        towns=towns,
        villages={} if member.village else {t.code: places.villages_of(t.code) for t in towns},
        tree=taxonomy().tree.categories,
        words=wording(),
    )
