"""The error tree and the one place that renders it.

    AppError                       status, stable code, title (Chinese), detail
    ├── BadRequestError       400
    ├── UnauthenticatedError  401
    ├── ForbiddenError        403
    ├── NotFoundError         404
    ├── ConflictError         409
    ├── TooLargeError         413
    ├── TooManyTriesError     429   keeps its changes: the count survives the refusal
    └── UnavailableError      503
        └── DatabaseTroubleError    nothing was kept; try again

Features derive from these in their own ``errors.py``. Every error leaves the process as
``application/problem+json`` (RFC 9457) with ``code``; 422 is for malformed input only.
"""

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

PROBLEM = "application/problem+json"
log = structlog.get_logger(__name__)


class AppError(Exception):
    """Base of every error the backend raises on purpose."""

    status = 500
    code = "internal_error"
    title = "系统出错，请稍后再试"
    keeps_changes = False
    """Whether the request's transaction is committed although this error ends it."""

    def __init__(self, detail: str | None = None, **extra: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.extra = extra
        self.headers: dict[str, str] = {}


class BadRequestError(AppError):
    """The request is well-formed but asks for something that cannot be."""

    status, code, title = 400, "bad_request", "请求无法处理"


class UnauthenticatedError(AppError):
    """No token, or one that is not valid (any more)."""

    status, code, title = 401, "unauthenticated", "请先登录"

    def __init__(self, detail: str | None = None, **extra: object) -> None:
        super().__init__(detail, **extra)
        self.headers = {"WWW-Authenticate": "Bearer"}


class ForbiddenError(AppError):
    """Known, but not allowed to do this."""

    status, code, title = 403, "forbidden", "没有权限"


class NotFoundError(AppError):
    """It does not exist, or this caller may not know that it does."""

    status, code, title = 404, "not_found", "没有找到"


class ConflictError(AppError):
    """The present state does not allow it."""

    status, code, title = 409, "conflict", "当前状态不允许这样操作"


class TooLargeError(AppError):
    """More than this address takes."""

    status, code, title = 413, "too_large", "内容太长"


class TooManyTriesError(AppError):
    """Tries are used up for a while; ``retry_after_s`` says for how long."""

    status, code, title = 429, "too_many_tries", "尝试次数过多，请稍后再试"
    keeps_changes = True

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(None, retry_after_s=retry_after_s)
        self.headers = {"Retry-After": str(retry_after_s)}


class UnavailableError(AppError):
    """A part this answer needs is down."""

    status, code, title = 503, "unavailable", "服务暂时不可用，请稍后再试"


class DatabaseTroubleError(UnavailableError):
    """The database is away, too busy, or undid this transaction: nothing of it is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.headers = {"Retry-After": "1"}


_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
_HTTP_TITLES = {404: "没有找到", 405: "不支持这种请求方法"}


def problem(
    status: int,
    code: str,
    title: str,
    *,
    detail: str | None = None,
    headers: dict[str, str] | None = None,
    **extra: object,
) -> Response:
    """An ``application/problem+json`` response."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": code,
    }
    if detail:
        body["detail"] = detail
    body.update(jsonable_encoder(extra))
    return JSONResponse(body, status_code=status, headers=headers, media_type=PROBLEM)


async def render_app_error(_: Request, error: AppError) -> Response:
    """An error of ours."""
    return problem(
        error.status,
        error.code,
        error.title,
        detail=error.detail,
        headers=error.headers,
        **error.extra,
    )


async def render_http_error(_: Request, error: HTTPException) -> Response:
    """An error of the framework: no such address, wrong method."""
    status = error.status_code
    return problem(
        status,
        _HTTP_CODES.get(status, f"http_{status}"),
        _HTTP_TITLES.get(status, str(error.detail)),
        headers=dict(error.headers or {}),
    )


async def render_malformed(_: Request, error: RequestValidationError) -> Response:
    """Say where and what is wrong, never echo what was sent."""
    faults = [
        {"at": [str(part) for part in fault["loc"]], "kind": fault["type"], "message": fault["msg"]}
        for fault in error.errors()
    ]
    return problem(422, "malformed", "提交的内容格式不对", errors=faults)


async def _on_hang_up(_: Request, error: ClientDisconnect) -> Response:
    """The caller went away in the middle of its request; nobody reads this answer."""
    return problem(400, "incomplete", "请求没有发完")


async def render_unexpected(request: Request, error: Exception) -> Response:
    """Last resort. The server logs the trace; its text passes the masking of ``logging``."""
    log.error("unhandled_error", error_class=type(error).__qualname__, method=request.method)
    return problem(500, AppError.code, AppError.title)


def install_error_handlers(app: FastAPI) -> None:
    """Render every error of this application as problem+json."""
    app.exception_handler(AppError)(render_app_error)
    app.exception_handler(HTTPException)(render_http_error)
    app.exception_handler(RequestValidationError)(render_malformed)
    app.exception_handler(ClientDisconnect)(_on_hang_up)
    app.exception_handler(Exception)(render_unexpected)
