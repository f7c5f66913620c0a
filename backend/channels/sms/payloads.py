"""What providers post to us, parsed into values of ours.

Everything raises ``WebhookMalformedError`` for what is not the provider's format.
"""

import re
from dataclasses import dataclass, field
from typing import Annotated, Literal
from urllib.parse import parse_qsl

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from backend.channels.sms.errors import WebhookMalformedError
from backend.channels.sms.outcomes import (
    GATEWAY_STATES,
    TWILIO_STATES,
    Fault,
    gateway_fault,
    twilio_fault,
)
from backend.conversations.models import DeliveryState

_MAX_FIELDS = 100
_MAX_TEXT = 20_000
_SID = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")
_REF = re.compile(r"[0-9]{1,18}")
_HOME = "CN"


@dataclass(frozen=True, slots=True)
class InboundText:
    """A citizen's text message; ``phone`` in E.164.

    ``opt_out`` is what the provider itself did about the number (Twilio's ``OptOutType``).
    """

    message_id: str
    phone: str = field(repr=False)
    text: str = field(repr=False)
    has_media: bool = False
    opt_out: Literal["STOP", "START", "HELP"] | None = None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """News of a message we sent: its provider's id, our own reference, its state, what went wrong."""

    message_id: str
    ref: int | None
    state: DeliveryState
    fault: Fault | None = None


def e164(raw: str) -> str | None:
    """The number in E.164 (+8613800001234); ``None`` for short codes, names and nonsense."""
    try:
        number = phonenumbers.parse(raw, _HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def parse_form(body: bytes) -> list[tuple[str, str]]:
    """Every field of a form body, blank ones too, in order."""
    try:
        return parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError as error:
        raise WebhookMalformedError from error


def twilio_inbound(form: list[tuple[str, str]]) -> InboundText | None:
    """A message to us; ``None`` if its sender is no telephone (nobody to answer)."""
    fields = dict(form)
    sid, sender = fields.get("MessageSid", ""), fields.get("From", "")
    if not _SID.fullmatch(sid) or not sender or "Body" not in fields:
        raise WebhookMalformedError
    phone = e164(sender) if sender.startswith("+") else None
    if phone is None:
        return None
    opt_out = fields.get("OptOutType", "").upper()
    return InboundText(
        message_id=sid,
        phone=phone,
        text=fields["Body"][:_MAX_TEXT],
        has_media=fields.get("NumMedia", "0").strip() not in ("", "0"),
        opt_out=opt_out if opt_out in ("STOP", "START", "HELP") else None,  # type: ignore[arg-type]
    )


def twilio_status(form: list[tuple[str, str]], ref: str | None) -> StatusReport:
    """A status callback; a state we do not know proves only that Twilio has the message."""
    fields = dict(form)
    sid = fields.get("MessageSid", "")
    state = (fields.get("MessageStatus") or fields.get("SmsStatus") or "").lower()
    code = fields.get("ErrorCode") or None
    if not _SID.fullmatch(sid) or not state or (code and not _REF.fullmatch(code)):
        raise WebhookMalformedError
    meant = TWILIO_STATES.get(state, DeliveryState.SENT)
    fault = None
    if meant is DeliveryState.FAILED:
        fault = twilio_fault(int(code)) if code else Fault(state)
    return StatusReport(sid, _reference(ref), meant, fault)


class _GatewayModel(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


_Id = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]
_Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:_-]{1,20}$")]


class _GatewayInbound(_GatewayModel):
    id: _Id
    phone: Annotated[str, StringConstraints(max_length=32)]
    text: Annotated[str, StringConstraints(max_length=_MAX_TEXT)]


class _GatewayReceipt(_GatewayModel):
    message_id: _Id
    ref: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")] | None = None
    status: _Word
    code: _Word | None = None


class _GatewayReceipts(_GatewayModel):
    receipts: Annotated[list[_GatewayReceipt], Field(min_length=1, max_length=500)]


def gateway_inbound(body: bytes) -> InboundText | None:
    """``{"id", "phone", "text"}``; ``None`` if the sender is no telephone."""
    try:
        sent = _GatewayInbound.model_validate_json(body)
    except ValidationError as error:
        raise WebhookMalformedError from error
    phone = e164(sent.phone)
    return InboundText(sent.id, phone, sent.text) if phone else None


def gateway_receipts(body: bytes) -> list[StatusReport]:
    """``{"receipts": [{"message_id", "ref"?, "status", "code"?}]}`` with CMPP words as status."""
    try:
        sent = _GatewayReceipts.model_validate_json(body)
    except ValidationError as error:
        raise WebhookMalformedError from error
    return [_report(receipt) for receipt in sent.receipts]


def _report(receipt: _GatewayReceipt) -> StatusReport:
    word = receipt.status.upper()
    state = GATEWAY_STATES.get(word, DeliveryState.FAILED)
    fault = gateway_fault(receipt.code or word) if state is DeliveryState.FAILED else None
    return StatusReport(receipt.message_id, _reference(receipt.ref), state, fault)


def _reference(raw: str | None) -> int | None:
    return int(raw) if raw and _REF.fullmatch(raw) else None
