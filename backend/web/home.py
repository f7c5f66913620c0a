"""``/``: what this is, in one screen, with the progress look-up."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from backend.core.resources import ResourcesDep
from backend.web.csrf import COOKIE, form_guard, new_cookie
from backend.web.pages import Pages
from backend.web.progress import ProgressAnswer, look_up

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(request: Request, resources: ResourcesDep) -> Response:
    """The landing page."""
    return _home(request, resources)


@router.post("/progress")
async def progress(
    request: Request,
    resources: ResourcesDep,
    case_no: Annotated[str, Form(max_length=64)] = "",
    phone_last4: Annotated[str, Form(max_length=16)] = "",
    csrf: Annotated[str, Form(max_length=128)] = "",
) -> Response:
    """The landing page with the answer to a look-up; tries are limited per browser."""
    cookie = request.cookies.get(COOKIE)
    if form_guard(resources.settings).fits(cookie, csrf):
        answer = await look_up(resources, case_no, phone_last4, visitor=str(cookie))
    else:
        answer = ProgressAnswer("stale")
    return _home(request, resources, answer=answer, case_no=case_no)


def _home(
    request: Request,
    resources: ResourcesDep,
    *,
    answer: ProgressAnswer | None = None,
    case_no: str = "",
) -> Response:
    guard, known = form_guard(resources.settings), request.cookies.get(COOKIE)
    cookie = known or new_cookie()
    pages: Pages = request.app.state.pages
    response = pages.render(
        "home.html", csrf=guard.field_for(cookie), result=answer, case_no=case_no
    )
    if known is None:
        guard.issue(response, cookie)
    return response
