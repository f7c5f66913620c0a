"""Values that travel between channels, turns and pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Activity = Literal["idle", "answering", "delayed"]
"""``answering``: a turn is on its way; ``delayed``: it waits for the assistant to come back."""


@dataclass(frozen=True, slots=True)
class Button:
    """A quick reply: what is read, and what is sent when it is chosen."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of a citizen as a channel parsed it.

    ``address`` identifies the citizen on that channel (session token, OpenID, phone): it is stored
    hashed, and sealed as well where ``keeps_address`` says that answers are sent to it.
    ``external_id`` is the channel's own id of the message. ``answer_by``: until then the channel
    itself may carry the answer back, so the delivery job waits.
    """

    channel: str
    address: str = field(repr=False)
    external_id: str
    text: str = field(repr=False)
    payload: str | None = None
    keeps_address: bool = False
    answer_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An inbound message that is safely stored; ``inbound_id`` is its row."""

    conversation_id: str
    inbound_id: int
    seq: int
    is_duplicate: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """A registered text: its name and its variables by name, as the templates' file has them."""

    template: str
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person can be reached: a channel and the OpenID or phone number there."""

    channel: str
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a citizen.

    ``notice``: the same as a registered text, for providers that send nothing else.
    ``asks_rating_of``: the number of the case that a bare digit in answer to this rates.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    is_urgent: bool = False
    notice: Notice | None = None
    asks_rating_of: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a transcript; ``id`` is the sender's own id of an inbound message."""

    seq: int
    sender: Literal["citizen", "bot"]
    text: str
    at: datetime
    id: str | None = None
    buttons: tuple[Button, ...] = ()
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a page has not seen yet, and whether an answer is coming."""

    entries: tuple[Entry, ...]
    activity: Activity
