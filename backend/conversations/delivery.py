"""The port through which every provider (WeChat, SMS …) sends; it knows none of them.

A provider tries one message once and says what happened: a ``Receipt``, or one of

    DeliveryError                   ``reason``: short stable code, kept with the message
    ├── RetryableDeliveryError      certainly not sent; again after ``retry_after_s`` or the back-off
    ├── PermanentDeliveryError      certainly not sent, and trying again cannot help
    └── UnknownDeliveryError        perhaps sent (time-out after the request left)

What is unknown is never sent again by itself: a provider that can look a message up implements
``Reconciling``; otherwise the message stays ``unknown`` until staff send it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from backend.conversations.schemas import Button, Notice, Reply


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is written to. ``address`` is the OpenID or phone number; never log it."""

    conversation_id: str
    channel: str
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message as a provider is to send it.

    ``id`` is ours and may be handed to the provider as the reference of its status callbacks.
    ``notice`` names the registered text where a provider sends only those (SMS, templates);
    ``attempts`` counts the tries before this one.
    """

    id: int
    text: str = field(repr=False)
    created_at: datetime
    buttons: tuple[Button, ...] = ()
    notice: Notice | None = field(default=None, repr=False)
    is_urgent: bool = False
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider's word that it took the message; ``via`` is the way it went.

    ``provider_id`` is what later status callbacks name; ``None`` where the provider gives none.
    """

    via: str
    provider_id: str | None = None
    is_delivered: bool = False


class DeliveryError(Exception):
    """A try that did not end with a receipt."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RetryableDeliveryError(DeliveryError):
    """Not sent; a later try may succeed."""

    def __init__(self, reason: str, retry_after_s: int | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class PermanentDeliveryError(DeliveryError):
    """Not sent; this channel cannot reach this person with this message."""


class UnknownDeliveryError(DeliveryError):
    """Perhaps sent."""


class Provider(Protocol):
    """Sends over one channel."""

    async def send(self, outbound: Outbound, recipient: Recipient) -> Receipt:
        """Try once, within seconds.

        Raises:
            RetryableDeliveryError, PermanentDeliveryError, UnknownDeliveryError: see above. Any
                other exception counts as unknown.
        """
        ...


@runtime_checkable
class Reconciling(Protocol):
    """A provider that can be asked whether it has a message."""

    async def find(
        self, outbound: Outbound, recipient: Recipient, since: datetime
    ) -> Receipt | None:
        """The receipt of a try begun at ``since`` whose outcome we do not know.

        ``None``: the provider certainly has no such message, so it may be sent (again).

        Raises:
            RetryableDeliveryError: it cannot say now.
            UnknownDeliveryError: it will never say.
        """
        ...


class Shape(Protocol):
    """Turns the replies of one turn into the messages a channel can carry, in order."""

    def __call__(self, replies: Sequence[Reply]) -> tuple[Reply, ...]: ...


def as_they_are(replies: Sequence[Reply]) -> tuple[Reply, ...]:
    """One message per reply, unchanged."""
    return tuple(replies)


@dataclass(frozen=True, slots=True)
class Route:
    """How one channel is served by the delivery job.

    ``join_up_to_bytes``: answers that wait together (after an outage) go as one message of at most
    that size; 0 keeps them apart.
    """

    provider: Provider
    shape: Shape = as_they_are
    join_up_to_bytes: int = 0


Routes = Mapping[str, Route]
"""By channel. A channel without a route fetches its messages itself (the chat page)."""
