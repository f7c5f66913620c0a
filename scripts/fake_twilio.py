"""Behaves like Twilio's message API, errors included: for tests and ``make simulate-sms``.

    POST /2010-04-01/Accounts/{sid}/Messages.json     GET the same (filter ``To``)

Every message has an SID of its own. ``do_next("429")`` decides what becomes of the next one:

    429, 21610, 21211 …   refused with that code          30007, 30003 …  taken, then undelivered
    lost                  no answer, nothing made         made            no answer, but made
    503                   an error page, nothing made     silent          taken, no callbacks

Callbacks are signed and go out in the order of ``callback_order`` (as they happened, reversed,
repeated).
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from backend.channels.sms.signature import twilio_signature

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "token-of-the-stand-in"  # noqa: S105
SENDER = "+85264507000"
LATER_FAULTS = {"30003", "30005", "30006", "30007", "30008"}
_HTTP_OF = {"429": 429, "20003": 401}
_CODE_OF = {"429": 20429}
_WORDS = {"ok", "lost", "made", "503", "silent"}
_NO_ANSWER_S = 30.0

Message = dict[str, Any]


@dataclass(frozen=True)
class Callback:
    """One signed status callback."""

    url: str
    body: bytes
    signature: str

    @property
    def headers(self) -> dict[str, str]:
        """What is sent with it."""
        return {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": self.signature,
        }


@dataclass
class FakeTwilio:
    """One account; ``messages`` holds what was made, oldest first."""

    port: int = 0
    hangs_for_s: float = _NO_ANSWER_S
    answers_after_s: float = 0.0
    posts_callbacks: bool = True
    callback_order: Callable[[list[str]], list[str]] = list
    messages: list[Message] = field(default_factory=list)
    on_message: Callable[[Message], None] | None = None
    calls: int = 0
    log: Callable[[str], None] = print
    _next: deque[str] = field(default_factory=deque)
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Its address, for ``GUANJIA_TWILIO_API_URL``."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def do_next(self, *outcomes: str) -> None:
        """What becomes of the next messages; afterwards all goes well again.

        Raises:
            ValueError: neither a code nor one of the words above.
        """
        for outcome in outcomes:
            if not outcome.isdigit() and outcome not in _WORDS:
                raise ValueError(outcome)
        self._next.extend(outcomes)

    def bodies(self) -> list[str]:
        """The texts of everything made."""
        return [message["body"] for message in self.messages]

    def callbacks(self, message: Message) -> Iterator[Callback]:
        """The message's signed callbacks in the account's order."""
        for state in self.callback_order(_states(message["outcome"])):
            yield self._callback(message, state)

    def take(self, form: dict[str, str]) -> tuple[int, Message | None]:
        """What the API does with one message: an HTTP status and a body; status 0 is no answer."""
        self.calls += 1
        outcome = self._next.popleft() if self._next else "ok"
        if outcome == "lost":
            return 0, None
        if outcome == "503":
            return 503, None
        missing = next((name for name in ("To", "Body") if not form.get(name)), None)
        if missing:
            return _refusal("21604" if missing == "To" else "21602")
        if outcome not in ("ok", "made", "silent") and outcome not in LATER_FAULTS:
            return _refusal(outcome)
        message = _made(form, outcome)
        self.messages.append(message)
        if self.on_message:
            self.on_message(message)
        if self.posts_callbacks and message["callback"] and outcome != "silent":
            threading.Thread(target=self._post_callbacks, args=(message,), daemon=True).start()
        return (0, None) if outcome == "made" else (201, message)

    def _callback(self, message: Message, state: str) -> Callback:
        fields = {
            "MessageSid": message["sid"],
            "SmsSid": message["sid"],
            "SmsStatus": state,
            "MessageStatus": state,
            "AccountSid": ACCOUNT,
            "From": message["from"],
            "To": message["to"],
            "ApiVersion": "2010-04-01",
        }
        if state in ("undelivered", "failed"):
            fields["ErrorCode"] = message["outcome"]
        url = message["callback"]
        signature = twilio_signature(TOKEN, url, list(fields.items()))
        return Callback(url, urlencode(fields).encode(), signature)

    def _post_callbacks(self, message: Message) -> None:
        opener = build_opener(ProxyHandler({}))
        for callback in self.callbacks(message):
            time.sleep(0.05)
            request = Request(callback.url, callback.body, callback.headers)
            try:
                opener.open(request, timeout=5).close()
            except OSError as error:
                self.log(f"回执没有送到：{error}")


def _states(outcome: str) -> list[str]:
    end = "undelivered" if outcome in LATER_FAULTS else "delivered"
    return ["queued", "sending", "sent", end]


def _refusal(outcome: str) -> tuple[int, Message]:
    status = _HTTP_OF.get(outcome, 400)
    code = _CODE_OF.get(outcome, int(outcome))
    return status, {"code": code, "message": f"fault {code}", "status": status, "more_info": ""}


def _made(form: dict[str, str], outcome: str) -> Message:
    now = format_datetime(datetime.now(UTC))
    return {
        "sid": "SM" + secrets.token_hex(16),
        "account_sid": ACCOUNT,
        "to": form["To"],
        "from": form.get("From", ""),
        "messaging_service_sid": form.get("MessagingServiceSid"),
        "body": form["Body"],
        "status": "queued",
        "direction": "outbound-api",
        "date_created": now,
        "date_updated": now,
        "date_sent": None,
        "error_code": None,
        "error_message": None,
        "num_media": "0",
        "num_segments": "1",
        "callback": form.get("StatusCallback", ""),
        "outcome": outcome,
    }


def public(message: Message) -> Message:
    """A message without what only the stand-in knows."""
    return {name: value for name, value in message.items() if name not in ("callback", "outcome")}


def _handler(fake: FakeTwilio) -> type[BaseHTTPRequestHandler]:
    expected = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if not self._may_enter():
                return
            status, answer = fake.take(dict(parse_qsl(raw, keep_blank_values=True)))
            if status == 0:
                time.sleep(fake.hangs_for_s)
                self.close_connection = True
                return
            time.sleep(fake.answers_after_s)
            self._send(status, public(answer) if answer else None)

        def do_GET(self) -> None:
            if not self._may_enter():
                return
            to = parse_qs(urlsplit(self.path).query).get("To", [None])[0]
            found = [m for m in reversed(fake.messages) if to is None or m["to"] == to]
            self._send(200, {"messages": [public(message) for message in found]})

        def _may_enter(self) -> bool:
            path = urlsplit(self.path).path
            if path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
                self._send(404, {"code": 20404})
                return False
            if self.headers.get("Authorization") != expected:
                self._send(401, {"code": 20003})
                return False
            return True

        def _send(self, status: int, answer: Message | None) -> None:
            content = json.dumps(answer).encode() if answer else b"<html>down</html>"
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            return

    return Handler
