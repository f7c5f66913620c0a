"""The platform's other half: callbacks signed, encrypted and repeated as WeChat does."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

import httpx

from backend.channels.wechat import envelope, payloads
from backend.channels.wechat.account import decoded_key
from backend.channels.wechat.signature import signature

TIMEOUT_S = 5.0
TRIES = 3
ACCOUNT_ID = "gh_standin00001"


@dataclass(frozen=True)
class Request:
    """One callback as it goes over the wire."""

    query: dict[str, str]
    body: bytes


@dataclass
class Platform:
    """One citizen's WeChat. ``aes_key`` (EncodingAESKey) switches secure mode on."""

    url: str
    app_id: str
    token: str
    aes_key: str | None = None
    openid: str = field(default_factory=lambda: f"o{secrets.token_hex(13)}")
    tries: int = 0
    _last_id: int = field(default_factory=lambda: secrets.randbelow(10**12) * 1000)

    def message(self, kind: str, **fields: str) -> dict[str, str]:
        """The fields of a message of that kind, with a new MsgId."""
        self._last_id += 1
        return {**self._head(kind), **fields, "MsgId": str(self._last_id)}

    def event(self, name: str, **fields: str) -> dict[str, str]:
        """The fields of an event."""
        return {**self._head("event"), "Event": name, **fields}

    def _head(self, kind: str) -> dict[str, str]:
        return {
            "ToUserName": ACCOUNT_ID,
            "FromUserName": self.openid,
            "CreateTime": str(int(time.time())),
            "MsgType": kind,
        }

    def request(self, fields: dict[str, str], at: int | None = None) -> Request:
        """The callback signed, and encrypted in secure mode."""
        timestamp, nonce = str(at or int(time.time())), secrets.token_hex(8)
        body = _xml(fields)
        query = {
            "signature": signature(self.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": self.openid,
        }
        if self.aes_key is not None:
            encrypted = envelope.seal(decoded_key(self.aes_key), body, self.app_id)
            query["encrypt_type"] = "aes"
            query["msg_signature"] = signature(self.token, timestamp, nonce, encrypted)
            body = _xml({"ToUserName": ACCOUNT_ID, "Encrypt": encrypted})
        return Request(query, body.encode())

    def send(self, fields: dict[str, str]) -> str | None:
        """Deliver a callback as the platform does: 5 s, at most three tries.

        Returns the passive reply's text; ``None`` for a mere acknowledgement.

        Raises:
            RuntimeError: no try was acknowledged; WeChat would show “该公众号暂时无法提供服务”.
        """
        for _ in range(TRIES):
            self.tries += 1
            request = self.request(fields)
            started = time.monotonic()
            try:
                response = self.post(request)
            except httpx.HTTPError:
                time.sleep(max(0.0, TIMEOUT_S - (time.monotonic() - started)))
                continue
            if response.status_code == httpx.codes.OK:
                return self.reply_text(response.content)
            raise RuntimeError(f"HTTP {response.status_code}: {response.text[:300]}")
        raise RuntimeError("该公众号暂时无法提供服务，请稍后再试")

    def post(self, request: Request) -> httpx.Response:
        """One try."""
        return httpx.post(
            self.url,
            params=request.query,
            content=request.body,
            headers={"Content-Type": "text/xml"},
            timeout=TIMEOUT_S,
            trust_env=False,
        )

    def reply_text(self, content: bytes) -> str | None:
        """The text of a passive reply, opened and its signature checked."""
        if content in (b"", b"success"):
            return None
        fields = payloads.fields_of(content)
        if self.aes_key is not None:
            parts = (self.token, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
            if signature(*parts) != fields["MsgSignature"]:
                raise RuntimeError("the reply is not signed")
            key = decoded_key(self.aes_key)
            fields = payloads.fields_of(envelope.unseal(key, fields["Encrypt"], self.app_id))
        if fields["ToUserName"] != self.openid:
            raise RuntimeError("the reply is for somebody else")
        return fields["Content"]


def _xml(fields: dict[str, Any]) -> str:
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    return f"<xml>{inner}</xml>"
