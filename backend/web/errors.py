"""Errors for people in a browser are pages; programs keep problem+json."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from backend.core.errors import (
    AppError,
    render_app_error,
    render_http_error,
    render_malformed,
    render_unexpected,
)
from backend.web.staff.layout import pages_of
from backend.web.staff.session import FirstPasswordError, SignInNeededError

_STAFF = ("/staff", "/desk")
_MACHINES = ("/api", "/webhooks", "/static", "/healthz", "/readyz", "/metrics", "/openapi.json")
_TITLES = {404: "没有找到", 405: "这个地址不能这样打开"}
_STAFF_TITLES = {"case_not_found": "没有找到这件诉求"}
"""Where the API speaks to a citizen with a telephone."""
_LOST = "可能是地址少了几个字，或者这一页已经不在了。"


def wants_page(request: Request) -> bool:
    """Whether a person in a browser is waiting for a page."""
    is_machine = _is_under(request, _MACHINES)
    return not is_machine and "text/html" in request.headers.get("accept", "")


def error_page(request: Request, status: int, title: str, detail: str | None = None) -> Response:
    """A plain page that says what happened and where to go: staff to their work, citizens home."""
    template = "staff/error.html" if _is_under(request, _STAFF) else "error.html"
    return pages_of(request).render(
        template,
        status_code=status,
        heading=title,
        detail=detail,
        is_scope=status in (403, 404),
    )


def _is_under(request: Request, addresses: tuple[str, ...]) -> bool:
    path = request.url.path
    return any(path == own or path.startswith(f"{own}/") for own in addresses)


async def _on_app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101 - registered for this class
    if isinstance(error, SignInNeededError | FirstPasswordError) and wants_page(request):
        return RedirectResponse(error.to, status_code=303)
    if wants_page(request):
        title = _STAFF_TITLES.get(error.code, error.title)
        return error_page(request, error.status, title, error.detail)
    return await render_app_error(request, error)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    if wants_page(request):
        status = error.status_code
        detail = _LOST if status == 404 and not _is_under(request, _STAFF) else None
        return error_page(request, status, _TITLES.get(status, "没有成功"), detail)
    return await render_http_error(request, error)


async def _on_malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    if wants_page(request):
        return error_page(request, 422, "提交的内容格式不对", "请返回上一页检查后再提交。")
    return await render_malformed(request, error)


async def _on_anything(request: Request, error: Exception) -> Response:
    answer = await render_unexpected(request, error)
    if wants_page(request):
        return error_page(request, 500, AppError.title, "已经记下来了。请过一会儿再试一次。")
    return answer


def install_page_errors(app: FastAPI) -> None:
    """Render errors of pages as pages."""
    app.add_exception_handler(AppError, _on_app_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_malformed)
    app.add_exception_handler(Exception, _on_anything)
