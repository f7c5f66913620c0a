"""Errors on staff pages, written for people; everything else keeps problem+json."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from backend.core.errors import AppError, render_app_error, render_http_error, render_malformed
from backend.web.staff.layout import pages_of
from backend.web.staff.session import FirstPasswordError, SignInNeededError

_PAGES = ("/staff", "/desk")
_TITLES = {404: "没有找到", 405: "这个地址不能这样打开"}


def wants_page(request: Request) -> bool:
    """Whether a person in a browser is waiting for a page."""
    path = request.url.path
    is_ours = any(path == own or path.startswith(f"{own}/") for own in _PAGES)
    return is_ours and "text/html" in request.headers.get("accept", "")


def error_page(request: Request, status: int, title: str, detail: str | None = None) -> Response:
    """A plain page that says what happened and where to go."""
    return pages_of(request).render(
        "staff/error.html", status_code=status, heading=title, detail=detail
    )


async def _on_app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101 - registered for this class
    if isinstance(error, SignInNeededError | FirstPasswordError) and wants_page(request):
        return RedirectResponse(error.to, status_code=303)
    if wants_page(request):
        return error_page(request, error.status, error.title, error.detail)
    return await render_app_error(request, error)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    if wants_page(request):
        return error_page(request, error.status_code, _TITLES.get(error.status_code, "没有成功"))
    return await render_http_error(request, error)


async def _on_malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    if wants_page(request):
        return error_page(request, 422, "提交的内容格式不对", "请返回上一页检查后再提交。")
    return await render_malformed(request, error)


def install_page_errors(app: FastAPI) -> None:
    """Render errors of staff pages as pages."""
    app.add_exception_handler(AppError, _on_app_error)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_malformed)
