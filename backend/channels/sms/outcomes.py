"""What a provider's word means for a message, as tables.

Sources: twilio.com/docs/api/errors; the mainland gateways' common result words (CMPP ``Stat``).
"""

from dataclasses import dataclass

from backend.conversations.models import DeliveryState


@dataclass(frozen=True, slots=True)
class Fault:
    """A refusal: try again later or never, and the reason staff read.

    ``is_opt_out``: the number's owner wants no messages; every further one must be withheld.
    """

    reason: str
    retry: bool = False
    is_opt_out: bool = False


_LATER = True
TWILIO: dict[int, Fault] = {
    20003: Fault("credentials"),
    20404: Fault("credentials"),
    20429: Fault("rate_limited", _LATER),
    14107: Fault("rate_limited", _LATER),
    21211: Fault("number_invalid"),
    21212: Fault("sender_invalid"),
    21408: Fault("region_not_allowed"),
    21602: Fault("empty"),
    21604: Fault("number_missing"),
    21606: Fault("sender_invalid"),
    21607: Fault("sender_invalid"),
    21608: Fault("number_not_verified"),
    21610: Fault("opted_out", is_opt_out=True),
    21611: Fault("queue_full", _LATER),
    21612: Fault("not_routable"),
    21614: Fault("not_a_mobile"),
    21617: Fault("too_long"),
    21656: Fault("template_variables"),
    30001: Fault("queue_full", _LATER),
    30002: Fault("account_suspended"),
    30003: Fault("unreachable"),
    30004: Fault("blocked"),
    30005: Fault("number_unknown"),
    30006: Fault("landline"),
    30007: Fault("filtered"),
    30008: Fault("carrier_unknown"),
    30022: Fault("rate_limited", _LATER),
    30034: Fault("sender_not_registered"),
    30410: Fault("carrier_timeout"),
    30420: Fault("template_not_registered"),
    63024: Fault("number_invalid"),
}
"""Twilio's error codes, of the REST answer and of a status callback alike."""

GATEWAY: dict[str, Fault] = {
    "SIGNATURE": Fault("credentials"),
    "TEMPLATE": Fault("template_not_registered"),
    "PARAMS": Fault("template_variables"),
    "SIGN": Fault("sender_not_registered"),
    "NUMBER": Fault("number_invalid"),
    "BALANCE": Fault("account_suspended"),
    "LIMIT": Fault("rate_limited", _LATER),
    "BUSY": Fault("gateway_busy", _LATER),
    "BLACKLIST": Fault("opted_out", is_opt_out=True),
    "KEYWORD": Fault("filtered"),
    "UNDELIV": Fault("unreachable"),
    "EXPIRED": Fault("unreachable"),
    "DELETED": Fault("filtered"),
    "REJECTD": Fault("filtered"),
    "UNKNOWN": Fault("carrier_unknown"),
}
"""The mainland gateway's codes: of its answer, and of a receipt (CMPP 3.0 ``Stat``)."""


def twilio_fault(code: int | None, http_status: int = 400) -> Fault:
    """The table's row; without one, 429 and 5xx may be tried again and the rest may not."""
    if code in TWILIO:
        return TWILIO[code]
    if http_status == 429:
        return TWILIO[20429]
    return Fault(f"twilio_{code or http_status}", retry=http_status >= 500)


def gateway_fault(code: str) -> Fault:
    """The table's row; an unknown code is permanent and named."""
    known = GATEWAY.get(code.upper())
    return known or Fault(f"gateway_{code[:20].lower()}")


_SENT, _DELIVERED, _FAILED = DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.FAILED
TWILIO_STATES: dict[str, DeliveryState] = {
    "accepted": _SENT,
    "scheduled": _SENT,
    "queued": _SENT,
    "sending": _SENT,
    "sent": _SENT,
    "delivered": _DELIVERED,
    "read": _DELIVERED,
    "undelivered": _FAILED,
    "failed": _FAILED,
    "canceled": _FAILED,
}
"""Twilio's ``MessageStatus``; whatever comes before the end proves that Twilio has the message."""
GATEWAY_STATES: dict[str, DeliveryState] = {
    "ACCEPTD": _SENT,
    "ENROUTE": _SENT,
    "DELIVRD": _DELIVERED,
}
"""CMPP words that are no faults; every other word of a receipt is one."""
