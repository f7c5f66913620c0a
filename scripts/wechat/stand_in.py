"""A stand-in for api.weixin.qq.com on loopback that answers with any errcode on demand."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

APP_ID = "wx0123456789abcdef"
SECRET = "secret-of-the-stand-in"  # noqa: S105
CUSTOM, TEMPLATE, SUBSCRIPTION = "custom/send", "template/send", "subscribe/bizsend"
_SENDS = {f"/cgi-bin/message/{name}": name for name in (CUSTOM, TEMPLATE, SUBSCRIPTION)}

Json = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """A message the stand-in took."""

    way: str
    body: Json

    @property
    def text(self) -> str:
        """Its words, or the values of its fields."""
        if self.way == CUSTOM:
            return str(self.body["text"]["content"])
        return "；".join(field["value"] for field in self.body["data"].values())


@dataclass
class StandIn:
    """The platform's API. ``sent`` is what reached people; ``errors`` are given out first.

    ``hang_s``: takes the message, then answers only after that time.
    """

    port: int = 0
    app_id: str = APP_ID
    secret: str = SECRET
    sent: list[Sent] = field(default_factory=list)
    errors: dict[str, list[int]] = field(default_factory=dict)
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    http_status: int = 200
    hang_s: float = 0.0
    tokens_given: int = 0
    on_send: Callable[[Sent], None] | None = None
    _token: str = ""
    _server: _KeepingServer | None = None
    _news: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        """Its address: the value of GUANJIA_WECHAT_API_URL."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, on the port of the last time if there was one."""
        self._server = _KeepingServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()
            self._server = None

    def reset(self) -> None:
        """Forget everything but the port."""
        self.sent.clear()
        self.errors.clear()
        self.media.clear()
        self.http_status, self.hang_s, self.on_send = 200, 0.0, None
        self.tokens_given, self._token = 0, ""

    def fail(self, errcode: int, times: int = 1, way: str = CUSTOM) -> None:
        """Answer the next calls with this errcode (``way``: custom/send, media, stable_token …)."""
        self.errors.setdefault(way, []).extend([errcode] * times)

    def end_token(self) -> None:
        """What processes have is no good any more."""
        self._token = ""

    def wait_for(self, messages: int, within_s: float = 15.0) -> list[Sent]:
        """The messages taken, as soon as there are that many.

        Raises:
            TimeoutError: there are fewer.
        """
        with self._news:
            if not self._news.wait_for(lambda: len(self.sent) >= messages, within_s):
                raise TimeoutError(f"{len(self.sent)} messages, not {messages}")
        return list(self.sent)

    def answer(self, path: str, query: dict[str, str], body: Json) -> tuple[str, bytes]:
        """Media type and content of one answer."""
        if path == "/cgi-bin/stable_token":
            return _json(self._give_token(body))
        way = "media" if path == "/cgi-bin/media/get" else _SENDS.get(path, path)
        planned = self.errors.get(way)
        if planned:
            return _json({"errcode": planned.pop(0), "errmsg": "as told"})
        if query.get("access_token") != self._token or not self._token:
            return _json({"errcode": 40001, "errmsg": "invalid credential"})
        if way == "media":
            missing = _json({"errcode": 40007, "errmsg": "invalid media_id"})
            return self.media.get(query.get("media_id", ""), missing)
        if path not in _SENDS:
            return _json({"errcode": 40066, "errmsg": "invalid url"})
        return self._take(Sent(way, body))

    def _take(self, message: Sent) -> tuple[str, bytes]:
        with self._news:
            self.sent.append(message)
            self._news.notify_all()
        if self.on_send is not None:
            self.on_send(message)
        answer: Json = {"errcode": 0, "errmsg": "ok"}
        if message.way == TEMPLATE:
            answer["msgid"] = secrets.randbelow(10**15)
        time.sleep(self.hang_s)
        return _json(answer)

    def _give_token(self, body: Json) -> Json:
        if planned := self.errors.get("stable_token"):
            return {"errcode": planned.pop(0), "errmsg": "as told"}
        if (body.get("appid"), body.get("secret")) != (self.app_id, self.secret):
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        self.tokens_given += 1
        if body.get("force_refresh") or not self._token:
            self._token = secrets.token_urlsafe(32)
        return {"access_token": self._token, "expires_in": 7200}


def _json(value: Json) -> tuple[str, bytes]:
    return "application/json; encoding=utf-8", json.dumps(value).encode()


class _KeepingServer(ThreadingHTTPServer):
    """Keeps lines open between calls, as the platform does, until it hangs up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._lines: set[socket.socket] = set()
        super().__init__(*args, **kwargs)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._lines.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._lines.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every open line."""
        for line in tuple(self._lines):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # a small answer leaves at once instead of waiting for the acknowledgement of its head
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._answer(json.loads(raw))

        def _answer(self, body: Json) -> None:
            address = urlsplit(self.path)
            kind, content = stand_in.answer(address.path, dict(parse_qsl(address.query)), body)
            try:
                self.send_response(stand_in.http_status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            return

    return Handler
