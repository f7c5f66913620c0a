"""The platform's API; one place turns answers and broken connections into delivery errors."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from backend.channels.wechat import errcodes
from backend.channels.wechat.errcodes import RefusedByWeChatError, Then
from backend.channels.wechat.tokens import AccessTokens
from backend.conversations.delivery import (
    PermanentDeliveryError,
    RetryableDeliveryError,
    UnknownDeliveryError,
)

_TIMEOUT_S = 8.0
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WeChatClient:
    """Calls with the account's token, renewed once when the platform refuses it."""

    http: httpx.AsyncClient
    url: str
    tokens: AccessTokens

    async def send_text(self, openid: str, text: str) -> None:
        """A customer-service message (客服消息).

        Raises:
            RetryableDeliveryError, RefusedByWeChatError, UnknownDeliveryError: as ``post``.
        """
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        await self.post("message/custom/send", body)

    async def send_template(
        self, openid: str, template_id: str, fields: dict[str, str], client_id: str
    ) -> str | None:
        """A template message (模板消息); the platform's message id.

        ``client_id``: the platform sends the same one once within ten minutes.
        """
        body = {
            "touser": openid,
            "template_id": template_id,
            "client_msg_id": client_id,
            "data": {name: {"value": value} for name, value in fields.items()},
        }
        answer = await self.post("message/template/send", body)
        return str(answer["msgid"]) if "msgid" in answer else None

    async def send_subscription(
        self, openid: str, template_id: str, fields: dict[str, str]
    ) -> None:
        """A subscription notice (订阅通知)."""
        data = {name: {"value": value} for name, value in fields.items()}
        body = {"touser": openid, "template_id": template_id, "data": data}
        await self.post("message/subscribe/bizsend", body)

    async def post(self, path: str, body: Answer) -> Answer:
        """``POST /cgi-bin/<path>``.

        Raises:
            RetryableDeliveryError: busy, quota of the moment, no connection, no token.
            RefusedByWeChatError: an errcode that a new try does not change.
            UnknownDeliveryError: the request left and no answer came that can be read.
        """
        token = await self.tokens.current()
        answer = await self._post(path, body, token)
        if errcodes.meaning(_errcode(answer)).then is Then.REFRESH:
            answer = await self._post(path, body, await self.tokens.renewed(token))
        errcodes.raise_for(_errcode(answer))
        return answer

    async def media(self, media_id: str, max_bytes: int) -> bytes:
        """What a citizen sent (临时素材, kept three days by the platform).

        Raises:
            RetryableDeliveryError: try again.
            PermanentDeliveryError: it cannot be had, or is larger than ``max_bytes``.
        """
        token = await self.tokens.current()
        content, answer = await self._get_media(media_id, max_bytes, token)
        if errcodes.meaning(_errcode(answer)).then is Then.REFRESH:
            token = await self.tokens.renewed(token)
            content, answer = await self._get_media(media_id, max_bytes, token)
        errcodes.raise_for(_errcode(answer))
        return content

    async def _post(self, path: str, body: Answer, token: str) -> Answer:
        try:
            response = await self.http.post(
                f"{self.url}/cgi-bin/{path}",
                params={"access_token": token},
                # the platform shows \uXXXX escapes as they are
                content=json.dumps(body, ensure_ascii=False).encode(),
                headers={"Content-Type": "application/json; charset=utf-8"},
                timeout=_TIMEOUT_S,
            )
        except _NEVER_LEFT as error:
            raise RetryableDeliveryError("no_connection") from error
        except httpx.HTTPError as error:
            raise UnknownDeliveryError(type(error).__name__) from error
        if response.status_code != httpx.codes.OK:
            raise _unexpected(response.status_code)
        return _object(response.content)

    async def _get_media(self, media_id: str, max_bytes: int, token: str) -> tuple[bytes, Answer]:
        params = {"access_token": token, "media_id": media_id}
        url = f"{self.url}/cgi-bin/media/get"
        content = bytearray()
        try:
            async with self.http.stream(
                "GET", url, params=params, timeout=_TIMEOUT_S, follow_redirects=False
            ) as response:
                if response.status_code != httpx.codes.OK:
                    raise RetryableDeliveryError(f"http_{response.status_code}")
                async for chunk in response.aiter_bytes():
                    content += chunk
                    if len(content) > max_bytes:
                        raise PermanentDeliveryError("too_big")
                kind = response.headers.get("content-type", "")
        except httpx.HTTPError as error:
            raise RetryableDeliveryError(type(error).__name__) from error
        is_answer = "json" in kind or kind.startswith("text/plain")
        return bytes(content), _object(bytes(content)) if is_answer else {"errcode": 0}


def _errcode(answer: Answer) -> int:
    code = answer.get("errcode", 0)
    if not isinstance(code, int):
        raise UnknownDeliveryError("unreadable_answer")
    return code


def _unexpected(
    status: int,
) -> RetryableDeliveryError | RefusedByWeChatError | UnknownDeliveryError:
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return RetryableDeliveryError("http_429", 60)
    if status < httpx.codes.INTERNAL_SERVER_ERROR:
        return RefusedByWeChatError(f"http_{status}")
    return UnknownDeliveryError(f"http_{status}")


def _object(content: bytes) -> Answer:
    try:
        answer = json.loads(content)
    except ValueError as error:
        raise UnknownDeliveryError("unreadable_answer") from error
    if not isinstance(answer, dict):
        raise UnknownDeliveryError("unreadable_answer")
    return answer
