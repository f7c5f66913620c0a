"""The one private channel: the backend's worker talks to the assistant through it.

Only `Authorization: Bearer <GUANJIA_RASA_TOKEN>` gets in. Text and button payloads are both free
text here: no caller can name an intent or a slot.
"""

from __future__ import annotations

import hmac
import uuid
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.exceptions import InvalidConfigException
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import action_calls, answer_schema, engine, tracker_store
from bot.turns import MAX_TEXT_CHARS, OnNewMessage, as_plain_text, work

_KINDS = ("message", "transcript")


def authorised(header: str | None, token: str) -> bool:
    """Whether the header carries the shared secret; compares in constant time."""
    return hmac.compare_digest((header or "").encode(), f"Bearer {token}".encode())


class GuanjiaInput(InputChannel):  # type: ignore[misc]
    """`/webhooks/guanjia/message` works a turn, `/webhooks/guanjia/parse` only understands."""

    def __init__(self, token: str) -> None:
        self._token = token

    @classmethod
    def name(cls) -> str:
        """The channel's address: /webhooks/guanjia/…"""
        return "guanjia"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GuanjiaInput:
        """Reads `token` from credentials.yml.

        Raises:
            InvalidConfigException: there is no token; `make run` writes one into .env.
        """
        token = (credentials or {}).get("token")
        if not token:
            raise InvalidConfigException(
                "credentials.yml: bot.connector.GuanjiaInput needs a token."
            )
        answer_schema.install()
        action_calls.install()
        engine.install()
        tracker_store.install()
        return cls(str(token))

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The channel's three addresses."""
        private = Blueprint("guanjia_private", "guanjia_private")

        @private.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            ready = getattr(request.app.ctx, "agent", None) is not None
            return response.json({"ready": ready}, status=200 if ready else 503)

        @private.route("/message", methods=["POST"])
        async def message(request: Request) -> HTTPResponse:
            return await self._guarded(request, lambda body: _turn(request, on_new_message, body))

        @private.route("/parse", methods=["POST"])
        async def parse(request: Request) -> HTTPResponse:
            return await self._guarded(request, lambda body: _parse(request, body))

        return private

    async def _guarded(self, request: Request, handle: Any) -> HTTPResponse:
        if not authorised(request.headers.get("authorization"), self._token):
            return response.json({"code": "unauthorized"}, status=401)
        body = request.json
        if not isinstance(body, dict):
            return response.json({"code": "malformed"}, status=400)
        result: HTTPResponse = await handle(body)
        return result


async def _turn(
    request: Request, on_new_message: OnNewMessage, body: dict[str, Any]
) -> HTTPResponse:
    conversation = body.get("conversation_id")
    if not isinstance(conversation, str) or not conversation:
        return response.json({"code": "malformed"}, status=400)
    result = await work(
        request.app.ctx.agent,
        on_new_message,
        text=body.get("payload") or body.get("text"),
        sender_id=conversation,
        channel=str(body.get("channel") or "webchat"),
        message_id=body.get("message_id"),
        metadata=body.get("metadata"),
        is_repeat=body.get("repeat") is True,
    )
    return response.json({"messages": result.messages, "failed": result.failed})


async def _parse(request: Request, body: dict[str, Any]) -> HTTPResponse:
    text, kind = body.get("text"), body.get("kind", "message")
    if not isinstance(text, str) or kind not in _KINDS:
        return response.json({"code": "malformed"}, status=400)
    if len(text) > MAX_TEXT_CHARS:
        return response.json({"code": "text_too_long"}, status=413)
    if not as_plain_text(text):
        return response.json(
            {"triage": {"requests": [], "alerts": [], "sensitive": []}, "facts": {}}
        )
    processor = request.app.ctx.agent.processor
    # a leading slash would be read as a command; one blank keeps every offset but shifts none
    safe = " " + text[1:] if text[0] in "/／" else text
    parsed = await processor.parse_message(
        UserMessage(safe, sender_id=uuid.uuid4().hex, metadata={"kind": kind})
    )
    return response.json({k: parsed.get(k) for k in ("triage", "facts", "intent")})
