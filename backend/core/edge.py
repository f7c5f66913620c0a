"""The outermost layer of every HTTP request: size, identity, safe headers, measured time."""

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.core.errors import TooLargeError, problem
from backend.core.metrics import HTTP_SECONDS

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Defaults; an answer that sets one of them itself keeps its own."""

_REQUEST_ID = "X-Request-ID"


class Edge:
    """ASGI middleware around the whole application; WebSockets pass untouched."""

    def __init__(
        self,
        app: ASGIApp,
        max_body_bytes: int,
        wider: tuple[re.Pattern[str], int] | None = None,
    ) -> None:
        """``wider``: addresses that take larger bodies, if their length is declared; their limit."""
        self._app = app
        self._max = max_body_bytes
        self._wider = wider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        structlog.contextvars.clear_contextvars()
        request_id = uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started, answer = time.perf_counter(), {"status": 500}
        try:
            await self._limited(scope, receive, _finishing(send, request_id, answer))
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            HTTP_SECONDS.labels(_method(scope), route, answer["status"]).observe(
                time.perf_counter() - started
            )

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse bodies above the limit: at once by their header, else while they arrive."""
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isascii() and declared.isdigit():
            fits, again = int(declared) <= self._limit(scope), receive
        else:
            fits, again = await self._read_ahead(receive)
        if fits:
            await self._app(scope, again, send)
            return
        error = TooLargeError()
        response = problem(error.status, error.code, error.title, headers={"Connection": "close"})
        await response(scope, receive, send)

    def _limit(self, scope: Scope) -> int:
        if self._wider and self._wider[0].fullmatch(scope["path"]):
            return self._wider[1]
        return self._max

    async def _read_ahead(self, receive: Receive) -> tuple[bool, Receive]:
        """Read a body of unknown length up to the limit; replay it to the application."""
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > self._max:
                return False, receive
            if message["type"] != "http.request" or not message.get("more_body", False):
                return True, _replay(messages, receive)


def _replay(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def again() -> Message:
        for message in waiting:
            return message
        return await receive()

    return again


def _finishing(send: Send, request_id: str, answer: dict[str, int]) -> Send:
    async def finish(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer["status"] = message["status"]
            headers = MutableHeaders(scope=message)
            headers[_REQUEST_ID] = request_id
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return finish


def _method(scope: Scope) -> str:
    known = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
    method: str = scope["method"]
    return method if method in known else "other"
