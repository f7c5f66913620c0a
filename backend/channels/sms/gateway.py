"""The shape of a mainland gateway: registered template, ordered variables, 【signature】.

Vendors differ in spelling only; this is the common denominator, spoken over signed JSON:

    POST {url}/messages        {"ref", "phone", "sign", "template_id", "params": […]}
    → 200 {"code": "OK", "message_id"}   or   200 {"code": "<fault>"}: success is the code, not 200

    GET  {url}/messages/{ref}
    → 200 {"code": "OK", "message_ids": […]}   or   200 {"code": "NOTFOUND"}

``ref`` is our id, a label only: the same one again, by hand after a failure, is another message.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from backend.channels.sms.client import SETTLE_S, Taken, compose, no_answer, refuse, retry_after
from backend.channels.sms.outcomes import gateway_fault
from backend.channels.sms.signature import gateway_signature
from backend.channels.sms.templates import templates
from backend.conversations.delivery import (
    Outbound,
    PermanentDeliveryError,
    Receipt,
    Recipient,
    RetryableDeliveryError,
    UnknownDeliveryError,
)
from backend.core.clock import Clock

VIA = "gateway"
_OK = "OK"
_NOT_FOUND = "NOTFOUND"
_HOME = "+86"


@dataclass(frozen=True, slots=True)
class GatewayAccount:
    """Where the gateway is, and who we are there; ``template_ids`` by our names."""

    url: str
    app_id: str
    secret: str = field(repr=False)
    template_ids: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GatewayClient:
    """One account's way out."""

    http: httpx.AsyncClient
    account: GatewayAccount
    clock: Clock
    taken: Taken
    timeout_s: float

    async def send(self, outbound: Outbound, recipient: Recipient) -> Receipt:
        """Hand the message over once."""
        body = json.dumps(self._message(outbound, recipient), ensure_ascii=False).encode()
        try:
            response = await self._call("POST", "/messages", body)
        except httpx.HTTPError as error:
            no_answer(error)
        return _receipt(response)

    async def find(
        self, outbound: Outbound, recipient: Recipient, since: datetime
    ) -> Receipt | None:
        """Ask by our own reference for a message that no earlier try of ours was told of."""
        try:
            response = await self._call("GET", f"/messages/{outbound.id}", b"")
        except httpx.HTTPError as error:
            raise RetryableDeliveryError("lookup_failed") from error
        answer = _json(response)
        ids = answer.get("message_ids") if answer.get("code") == _OK else []
        if answer.get("code") not in (_OK, _NOT_FOUND) or not isinstance(ids, list):
            raise RetryableDeliveryError("lookup_unreadable")
        known = [str(message_id) for message_id in ids]
        taken = await self.taken(known)
        ours = [message_id for message_id in known if message_id not in taken]
        if ours:
            return Receipt(VIA, ours[-1])
        if self.clock.now() < since + timedelta(seconds=SETTLE_S):
            raise RetryableDeliveryError("not_settled", SETTLE_S)
        return None

    def _message(self, outbound: Outbound, recipient: Recipient) -> dict[str, Any]:
        composed = compose(outbound)
        template_id = self.account.template_ids.get(composed.template)
        if template_id is None:
            raise PermanentDeliveryError("template_not_registered")
        if not recipient.address.startswith(_HOME):
            raise PermanentDeliveryError("region_not_allowed")
        return {
            "ref": str(outbound.id),
            "phone": recipient.address.removeprefix(_HOME),
            "sign": templates().signature.strip("【】"),
            "template_id": template_id,
            "params": list(composed.values),
        }

    async def _call(self, method: str, path: str, body: bytes) -> httpx.Response:
        """A request signed over its path and body, so that neither can be exchanged."""
        url = self.account.url.rstrip("/") + path
        timestamp = str(int(self.clock.now().timestamp()))
        nonce = secrets.token_hex(16)
        signed = f"{method} {urlsplit(url).path}\n".encode() + body
        return await self.http.request(
            method,
            url,
            content=body,
            headers={
                "Content-Type": "application/json",
                "X-App-Id": self.account.app_id,
                "X-Timestamp": timestamp,
                "X-Nonce": nonce,
                "X-Signature": gateway_signature(self.account.secret, timestamp, nonce, signed),
            },
            timeout=self.timeout_s,
        )


def _receipt(response: httpx.Response) -> Receipt:
    answer = _json(response)
    code = answer.get("code")
    if code == _OK and answer.get("message_id"):
        return Receipt(VIA, str(answer["message_id"]))
    if isinstance(code, str) and code not in ("", _OK):
        refuse(gateway_fault(code), retry_after(response))
    if response.status_code == 429:
        refuse(gateway_fault("LIMIT"), retry_after(response))
    if response.is_client_error:
        raise PermanentDeliveryError(f"gateway_http_{response.status_code}")
    raise UnknownDeliveryError("answer_unreadable")


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
