"""What all providers share: the message as it leaves, and the provider the settings name.

A provider implements ``Provider`` and ``Reconciling`` of ``conversations.delivery``.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

import httpx

from backend.channels.sms.outcomes import Fault
from backend.channels.sms.templates import REPLY, TemplateError, templates
from backend.conversations.delivery import (
    Outbound,
    PermanentDeliveryError,
    Provider,
    Reconciling,
    RetryableDeliveryError,
    UnknownDeliveryError,
)

OPTED_OUT = "opted_out"
SETTLE_S = 60
"""A provider may still be busy with a message this long after our call was cut off."""

Taken = Callable[[Sequence[str]], Awaitable[set[str]]]
"""Which of these provider ids belong to messages of ours already."""


class SmsProvider(Provider, Reconciling, Protocol):
    """A provider that can be asked what became of a message."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A message as registered text: name, values in order, and as it is read."""

    template: str
    values: tuple[str, ...] = field(repr=False)
    body: str = field(repr=False)


def compose(outbound: Outbound) -> Composed:
    """The message to send.

    Raises:
        PermanentDeliveryError: the notice names no template of ours, or leaves a variable empty.
    """
    known = outbound.notice if outbound.notice and outbound.notice.template in templates() else None
    name, given = (known.template, known.variables) if known else (REPLY, {"text": outbound.text})
    try:
        template = templates().get(name)
        values = template.values(given)
    except TemplateError as error:
        raise PermanentDeliveryError("template_variables") from error
    return Composed(name, values, template.fill(given))


def refuse(fault: Fault, retry_after_s: int | None = None) -> NoReturn:
    """Raise what a fault means for the delivery."""
    if fault.retry:
        raise RetryableDeliveryError(fault.reason, retry_after_s)
    raise PermanentDeliveryError(fault.reason)


def no_answer(error: httpx.HTTPError) -> NoReturn:
    """Raise what a broken call means: never begun, or perhaps heard."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        raise RetryableDeliveryError("no_connection") from error
    raise UnknownDeliveryError("no_answer") from error


def retry_after(response: httpx.Response) -> int | None:
    """The ``Retry-After`` header in seconds, up to an hour."""
    raw = response.headers.get("retry-after", "")
    return min(int(raw), 3600) if raw.isascii() and raw.isdigit() else None
