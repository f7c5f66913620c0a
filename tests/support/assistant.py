"""A small real HTTP server in the assistant's place: scripted answers, failures, delays."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "token-of-the-private-connector"


@dataclass
class FakeAssistant:
    """Answers ``/webhooks/guanjia/message`` and ``/parse``; what it heard is in ``heard``."""

    port: int = 0
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    readings: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Parse results by words that the text must hold; texts without any hold no request."""
    heard: list[dict[str, Any]] = field(default_factory=list)
    broken: str | None = None
    """``None`` works; ``"500"``, ``"failed"``, ``"garbage"``, ``"hang"`` do what they say."""
    delay_s: float = 0.0
    _server: ThreadingHTTPServer | None = None
    _news: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def texts(self) -> list[str]:
        """The texts it was asked, in order."""
        return [body["text"] for body in self.heard]

    async def has_heard(self, messages: int, within_s: float = 15.0) -> None:
        """Wait until it was asked that many times."""
        await asyncio.to_thread(self._wait_until_heard, messages, within_s)

    def _wait_until_heard(self, messages: int, within_s: float) -> None:
        with self._news:
            if not self._news.wait_for(lambda: len(self.heard) >= messages, within_s):
                raise TimeoutError(f"asked {len(self.heard)} times, not {messages}")

    def start(self) -> None:
        """Listen, on the port of the last time if there was one."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Refuse connections for a while."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def reply(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to one message."""
        said = body.get("payload") or body["text"]
        messages = self.answers.get(said, [{"text": f"收到：{said}", "buttons": []}])
        return {"messages": messages, "failed": self.broken == "failed"}

    def read(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to one text to be parsed."""
        nothing = {"triage": {"requests": [], "alerts": [], "sensitive": []}, "facts": {}}
        return next((r for words, r in self.readings.items() if words in body["text"]), nothing)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.headers["Authorization"] != f"Bearer {TOKEN}":
                    return self._send(401, b"{}")
                with fake._news:
                    fake.heard.append(body)
                    fake._news.notify_all()
                time.sleep(fake.delay_s)
                if fake.broken == "hang":
                    time.sleep(30)
                if fake.broken == "500":
                    return self._send(500, b"{}")
                if fake.broken == "garbage":
                    return self._send(200, b"<html>")
                answer = fake.read if self.path.endswith("/parse") else fake.reply
                return self._send(200, json.dumps(answer(body)).encode())

            def _send(self, status: int, content: bytes) -> None:
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    return

            def log_message(self, *_: object) -> None:
                return

        return Handler
