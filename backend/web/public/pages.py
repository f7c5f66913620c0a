"""The public's pages: lists, one publication with its offer form, and the numbers."""

from typing import Annotated, get_args

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from backend.core.db import SessionDep
from backend.core.resources import ResourcesDep
from backend.places.service import gazetteer
from backend.publicity.schemas import ClaimantKind
from backend.publicity.service import Noticeboard
from backend.publicity.statistics import StatisticsDesk
from backend.staff.rules import Section
from backend.web.csrf import COOKIE, form_guard, new_cookie
from backend.web.public.offering import Offered, take_offer
from backend.web.public.wording import wording
from backend.web.staff.layout import pages_of

router = APIRouter(prefix="/public", include_in_schema=False)
Town = Annotated[str, Query(max_length=12)]
Cursor = Annotated[str | None, Query(max_length=40)]
Ok = Annotated[str, Query(max_length=20)]
Number = Annotated[int, Path(ge=1, lt=2**63)]
_ADDRESSES: dict[Section, str] = {
    "notice": "/public",
    "hall": "/public/hall",
    "under_way": "/public/under-way",
    "result": "/public/results",
}
_SECTIONS = {address: section for section, address in _ADDRESSES.items()}


@router.get("")
@router.get("/hall")
@router.get("/under-way")
@router.get("/results")
async def published(
    request: Request,
    session: SessionDep,
    resources: ResourcesDep,
    town: Town = "",
    cursor: Cursor = None,
) -> Response:
    """What is in public notice, waits to be claimed, is being done, or was done: by address."""
    section = _SECTIONS[request.url.path]
    known = town if town in gazetteer().towns else None
    found = await Noticeboard(session, resources.clock.now()).page(
        section, town=known, cursor=cursor or None
    )
    return pages_of(request).render(
        "public/list.html",
        here=section,
        addresses=_ADDRESSES,
        words=wording(),
        items=found.items,
        next_cursor=found.next_cursor,
        is_first=not cursor,
        town=known or "",
        towns=gazetteer().towns.values(),
    )


@router.get("/numbers")
async def numbers(
    request: Request, session: SessionDep, resources: ResourcesDep, town: Town = ""
) -> Response:
    """The programme in numbers; a town's villages as far as they tell of nobody."""
    desk = StatisticsDesk(session, resources)
    return pages_of(request).render(
        "public/numbers.html",
        here="numbers",
        addresses=_ADDRESSES,
        words=wording(),
        numbers=await desk.all(),
        town=gazetteer().towns.get(town),
        villages=await desk.villages(town) if town in gazetteer().towns else [],
    )


@router.get("/items/{number}")
async def item(
    request: Request, session: SessionDep, resources: ResourcesDep, number: Number, ok: Ok = ""
) -> Response:
    """One publication."""
    offered = Offered(is_done=ok == "offer")
    return await _item(request, session, resources, number, offered)


@router.post("/items/{number}/offers")
async def offer(
    request: Request, session: SessionDep, resources: ResourcesDep, number: Number
) -> Response:
    """Leave an offer to claim; what was typed comes back if something is missing."""
    form = await request.form(max_files=0, max_fields=10)
    typed = {name: value[:200] for name, value in form.items() if isinstance(value, str)}
    fits = form_guard(resources.settings).fits(request.cookies.get(COOKIE), typed.get("csrf", ""))
    offered = await take_offer(request, resources, number, typed, is_ours=fits)
    if offered.is_done:
        return RedirectResponse(f"/public/items/{number}?ok=offer#offer", status_code=303)
    return await _item(request, session, resources, number, offered)


async def _item(
    request: Request, session: SessionDep, resources: ResourcesDep, number: int, offered: Offered
) -> Response:
    one = await Noticeboard(session, resources.clock.now()).one(number)
    known = request.cookies.get(COOKIE)
    cookie = known or new_cookie()
    response = pages_of(request).render(
        "public/item.html",
        status_code=offered.status,
        here=one.section,
        addresses=_ADDRESSES,
        words=wording(),
        item=one,
        offered=offered,
        kinds=get_args(ClaimantKind),
        csrf=form_guard(resources.settings).field_for(cookie),
    )
    if known is None:
        form_guard(resources.settings).issue(response, cookie)
    return response
