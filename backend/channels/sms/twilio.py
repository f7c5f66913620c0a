"""Twilio's REST API: sending, and looking up what a cut-off call has left behind.

``POST /2010-04-01/Accounts/{AccountSid}/Messages.json`` has no idempotency key. Our own id
travels in the status callback's query; a call without an answer is looked up, never repeated blindly.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from backend.channels.sms.client import (
    SETTLE_S,
    Taken,
    compose,
    no_answer,
    refuse,
    retry_after,
)
from backend.channels.sms.outcomes import TWILIO_STATES, twilio_fault
from backend.conversations.delivery import (
    Outbound,
    Receipt,
    Recipient,
    RetryableDeliveryError,
    UnknownDeliveryError,
)
from backend.conversations.models import DeliveryState
from backend.core.clock import Clock

VIA = "twilio"
_CREATED = 201
_PAGE = 100
_CLOCK_SKEW_S = 5


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """Whose account, and who it says it is: a number of ours, or a Messaging Service (``MG…``)."""

    api_url: str
    sid: str
    token: str = field(repr=False)
    sender: str
    status_callback: str

    @property
    def messages_url(self) -> str:
        """The address of the account's messages."""
        return f"{self.api_url}/2010-04-01/Accounts/{self.sid}/Messages.json"


@dataclass(frozen=True, slots=True)
class TwilioClient:
    """One account's way out."""

    http: httpx.AsyncClient
    account: TwilioAccount
    clock: Clock
    taken: Taken
    timeout_s: float

    async def send(self, outbound: Outbound, recipient: Recipient) -> Receipt:
        """Create the message once; a 5xx may have created it and counts as unknown."""
        form = self._form(outbound, recipient)
        try:
            response = await self.http.post(
                self.account.messages_url,
                data=form,
                auth=(self.account.sid, self.account.token),
                timeout=self.timeout_s,
            )
        except httpx.HTTPError as error:
            no_answer(error)
        return _receipt(response)

    async def find(
        self, outbound: Outbound, recipient: Recipient, since: datetime
    ) -> Receipt | None:
        """Look for our text to this number, created since then and not known as another of ours."""
        body = compose(outbound).body
        earliest = since - timedelta(seconds=_CLOCK_SKEW_S)
        candidates = [
            message["sid"]
            for message in await self._list(recipient.address)
            if message.get("body") == body and _created(message) >= earliest
        ]
        taken = await self.taken(candidates)
        ours = [sid for sid in candidates if sid not in taken]
        if ours:
            return Receipt(VIA, ours[-1])
        if self.clock.now() < since + timedelta(seconds=SETTLE_S):
            raise RetryableDeliveryError("not_settled", SETTLE_S)
        return None

    def _form(self, outbound: Outbound, recipient: Recipient) -> dict[str, str]:
        service = self.account.sender.startswith("MG")
        return {
            "To": recipient.address,
            "MessagingServiceSid" if service else "From": self.account.sender,
            "Body": compose(outbound).body,
            "StatusCallback": f"{self.account.status_callback}?ref={outbound.id}",
        }

    async def _list(self, phone: str) -> list[dict[str, Any]]:
        """The newest messages to that number.

        Not filtered by ``DateSent``: a message that still waits has none, and would be missed.
        """
        try:
            response = await self.http.get(
                self.account.messages_url,
                params={"To": phone, "PageSize": _PAGE},
                auth=(self.account.sid, self.account.token),
                timeout=self.timeout_s,
            )
            response.raise_for_status()
            found = response.json()["messages"]
            return [m for m in found if str(m["direction"]).startswith("outbound")]
        except httpx.HTTPError as error:
            raise RetryableDeliveryError("lookup_failed") from error
        except (ValueError, KeyError, TypeError) as error:
            raise RetryableDeliveryError("lookup_unreadable") from error


def _receipt(response: httpx.Response) -> Receipt:
    answer = _json(response)
    if response.status_code == _CREATED:
        sid = answer.get("sid")
        if not isinstance(sid, str) or not sid:
            raise UnknownDeliveryError("answer_unreadable")
        if TWILIO_STATES.get(str(answer.get("status"))) is DeliveryState.FAILED:
            refuse(twilio_fault(_code(answer.get("error_code"))))
        return Receipt(VIA, sid)
    if response.status_code >= 500 or response.is_success:
        raise UnknownDeliveryError(f"twilio_http_{response.status_code}")
    fault = twilio_fault(_code(answer.get("code")), response.status_code)
    refuse(fault, retry_after(response))


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _code(raw: object) -> int | None:
    text = str(raw) if raw is not None else ""
    return int(text) if text.isascii() and text.isdigit() else None


def _created(message: dict[str, Any]) -> datetime:
    """When the message was made; RFC 2822 in whole seconds."""
    try:
        return parsedate_to_datetime(message["date_created"])
    except (KeyError, TypeError, ValueError) as error:
        raise RetryableDeliveryError("lookup_unreadable") from error
