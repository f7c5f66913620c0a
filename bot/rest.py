"""Rasa's standard REST channel, made safe for free text; for loopback only.

Same address and JSON as the stock one (`/webhooks/rest/webhook`, `sender`, `message`), so that a
conversation can be driven with curl. It never answers with an empty list.
"""

from __future__ import annotations

from typing import Any

from rasa.core.channels.rest import RestInput
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.turns import OnNewMessage, work


class GuardedRestInput(RestInput):  # type: ignore[misc]
    """The REST channel with one joined answer a turn and no way to speak in commands."""

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """`GET /` for health, `POST /webhook` for a turn."""
        rest = Blueprint("guanjia_rest", "guanjia_rest")

        @rest.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @rest.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            body = request.json if isinstance(request.json, dict) else {}
            sender = body.get("sender")
            if not isinstance(sender, str) or not sender:
                return response.json({"code": "sender_missing"}, status=400)
            return response.json(await _answer(request, on_new_message, sender, body))

        return rest


async def _answer(
    request: Request, on_new_message: OnNewMessage, sender: str, body: dict[str, Any]
) -> list[dict[str, Any]]:
    metadata = body.get("metadata")
    result = await work(
        request.app.ctx.agent,
        on_new_message,
        text=body.get("message"),
        sender_id=sender,
        channel=str(body.get("input_channel") or "rest"),
        message_id=None,
        metadata=metadata if isinstance(metadata, dict) else {},
    )
    return [{"recipient_id": sender, **message} for message in result.messages]
