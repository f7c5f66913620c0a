"""``/staff/sign-in``, ``/staff/sign-out`` and ``/staff/password``."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from backend.core.db import SessionDep
from backend.core.errors import AppError, TooManyTriesError
from backend.core.resources import Resources, ResourcesDep
from backend.staff.errors import PasswordRefusedError, StaleFormError, WrongCredentialsError
from backend.staff.passwords import MIN_CHARS
from backend.staff.schemas import Credentials
from backend.staff.service import StaffService
from backend.web import csrf as form_cookie
from backend.web.staff.layout import pages_of, render_staff
from backend.web.staff.session import (
    COOKIE,
    SIGN_IN,
    AnyPostedVisitDep,
    AnyVisitDep,
    address_of,
    safe_target,
    set_cookie,
)

router = APIRouter(prefix="/staff", include_in_schema=False)
Field = Annotated[str, Form(max_length=256)]


@router.get("/sign-in")
async def sign_in_page(
    request: Request,
    resources: ResourcesDep,
    target: Annotated[str | None, Query(alias="next", max_length=2_000)] = None,
) -> Response:
    """The form."""
    return _form(request, resources, target=safe_target(target))


@router.post("/sign-in")
async def sign_in(
    request: Request,
    resources: ResourcesDep,
    username: Field = "",
    password: Field = "",
    csrf: Field = "",
    target: Annotated[str | None, Form(alias="next", max_length=2_000)] = None,
) -> Response:
    """Open a session and go where the visitor wanted to go."""
    where = safe_target(target)
    try:
        if not form_cookie.form_guard(resources.settings).fits(
            request.cookies.get(form_cookie.COOKIE), csrf
        ):
            raise StaleFormError
        given = Credentials(username=username.strip(), password=password)
        async with resources.database.transaction() as session:
            token = await StaffService(session, resources).open_session(given, address_of(request))
    except ValidationError:
        return _form(request, resources, target=where, problem=WrongCredentialsError())
    except (WrongCredentialsError, TooManyTriesError, StaleFormError) as problem:
        return _form(request, resources, target=where, username=username, problem=problem)
    response = RedirectResponse(where, status_code=303)
    set_cookie(response, resources.settings, token)
    return response


@router.post("/sign-out")
async def sign_out(
    request: Request, _: AnyPostedVisitDep, session: SessionDep, resources: ResourcesDep
) -> Response:
    """End the session."""
    service = StaffService(session, resources)
    await service.sign_out(request.cookies[COOKIE], address=address_of(request))
    response = RedirectResponse(SIGN_IN, status_code=303)
    response.delete_cookie(COOKIE)
    return response


@router.get("/password")
async def password_page(request: Request, visit: AnyVisitDep) -> Response:
    """The form for a new password."""
    return render_staff(request, "staff/password.html", visit, problem=None, min_chars=MIN_CHARS)


@router.post("/password")
async def change_password(
    request: Request,
    visit: AnyPostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    present: Field = "",
    new: Field = "",
    again: Field = "",
) -> Response:
    """Replace the password; every other session of the account ends."""
    try:
        if new != again:
            raise PasswordRefusedError("两次输入的新密码不一样")
        token = await StaffService(session, resources).change_password(
            visit.staff.id, present, new, address_of(request)
        )
    except (PasswordRefusedError, TooManyTriesError) as problem:
        return render_staff(
            request,
            "staff/password.html",
            visit,
            status_code=problem.status,
            problem=problem.detail or problem.title,
            min_chars=MIN_CHARS,
        )
    response = RedirectResponse("/staff?ok=password", status_code=303)
    set_cookie(response, resources.settings, token)
    return response


def _form(
    request: Request,
    resources: Resources,
    *,
    target: str,
    username: str = "",
    problem: AppError | None = None,
) -> Response:
    guard, known = (
        form_cookie.form_guard(resources.settings),
        request.cookies.get(form_cookie.COOKIE),
    )
    cookie = known or form_cookie.new_cookie()
    response = pages_of(request).render(
        "staff/sign_in.html",
        status_code=problem.status if problem else 200,
        csrf=guard.field_for(cookie),
        target=target,
        username=username,
        problem=problem.title if problem else None,
    )
    if isinstance(problem, TooManyTriesError):
        response.headers.update(problem.headers)
    if known is None:
        guard.issue(response, cookie)
    return response
