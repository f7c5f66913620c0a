"""Who is on a staff page: the session cookie, the form token, what to do with strangers.

A page takes ``VisitDep``; every address that changes something takes ``PostedVisitDep``, which
refuses a form without this session's token (field ``csrf`` or header ``X-CSRF-Token``).
"""

import hashlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from backend.core.db import SessionDep
from backend.core.errors import ForbiddenError, UnauthenticatedError
from backend.core.resources import ResourcesDep
from backend.settings import Settings
from backend.staff.errors import StaleFormError
from backend.staff.rules import Permission, StaffMember, may
from backend.staff.service import StaffService

COOKIE = "guanjia_staff"
SIGN_IN = "/staff/sign-in"
PASSWORD = "/staff/password"  # noqa: S105 - an address
HEADER = "X-CSRF-Token"
_OURS = ("/staff", "/desk")


class SignInNeededError(UnauthenticatedError):
    """Nobody is signed in; ``to`` is the sign-in page that leads back here."""

    def __init__(self, to: str) -> None:
        super().__init__(None)
        self.to = to
        self.headers = {}


class FirstPasswordError(ForbiddenError):
    """The first password must be replaced before anything else."""

    code, title, to = "password_change_needed", "请先修改初始密码", PASSWORD


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a signed-in member of staff."""

    staff: StaffMember
    csrf: str
    must_change_password: bool

    def may(self, permission: Permission) -> bool:
        """What templates ask before they show a control."""
        return may(self.staff, permission)

    def require(self, permission: Permission) -> None:
        """Raise ``ForbiddenError`` unless the role may do that."""
        if not self.may(permission):
            raise ForbiddenError


def form_token(settings: Settings, session_token: str) -> str:
    """The hidden field that belongs to a session."""
    key = settings.session_key.get_secret_value().encode()
    return hmac.new(key, b"staff form\x00" + session_token.encode(), hashlib.sha256).hexdigest()


def set_cookie(response: Response, settings: Settings, token: str) -> None:
    """Give the browser its session; scripts cannot read it, foreign posts do not carry it."""
    response.set_cookie(
        COOKIE,
        token,
        httponly=True,
        secure=settings.public_base_url.startswith("https://"),
        samesite="lax",
        max_age=settings.staff_token_hours * 3600,
    )


def address_of(request: Request) -> str:
    """The caller's network address, for throttling and the audit log."""
    return request.client.host if request.client else "unknown"


def safe_target(path: str | None) -> str:
    """Where to go after signing in: a page of ours, never another site."""
    plain = path or ""
    is_ours = any(plain == own or plain.startswith((f"{own}/", f"{own}?")) for own in _OURS)
    return plain if is_ours and "\\" not in plain and "//" not in plain else "/staff"


async def any_visit(request: Request, session: SessionDep, resources: ResourcesDep) -> Visit:
    """FastAPI dependency: the visit, also while the first password is in use."""
    token = request.cookies.get(COOKIE)
    visitor = await StaffService(session, resources).visitor(token) if token else None
    if visitor is None or token is None:
        raise SignInNeededError(_sign_in_address(request))
    csrf = form_token(resources.settings, token)
    return Visit(visitor.staff, csrf, visitor.must_change_password)


AnyVisitDep = Annotated[Visit, Depends(any_visit)]


async def any_posted_visit(request: Request, visit: AnyVisitDep) -> AsyncIterator[Visit]:
    """FastAPI dependency: as ``any_visit``, for a form that carries the session's token.

    The form's files are closed when the request is done.
    """
    try:
        sent = request.headers.get(HEADER) or await _csrf_field(request)
        if not hmac.compare_digest(sent.encode(), visit.csrf.encode()):
            raise StaleFormError
        yield visit
    finally:
        await request.close()


AnyPostedVisitDep = Annotated[Visit, Depends(any_posted_visit)]


async def current_visit(visit: AnyVisitDep) -> Visit:
    """FastAPI dependency: a member of staff whose password is their own."""
    if visit.must_change_password:
        raise FirstPasswordError
    return visit


async def posted_visit(visit: AnyPostedVisitDep) -> Visit:
    """FastAPI dependency: as ``current_visit``, for a form with the session's token."""
    return await current_visit(visit)


VisitDep = Annotated[Visit, Depends(current_visit)]
PostedVisitDep = Annotated[Visit, Depends(posted_visit)]


def _sign_in_address(request: Request) -> str:
    if request.method != "GET":
        return SIGN_IN
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{SIGN_IN}?{urlencode({'next': safe_target(here)})}"


async def _csrf_field(request: Request) -> str:
    form = await request.form()
    value = form.get("csrf", "")
    return "" if isinstance(value, UploadFile) else value
