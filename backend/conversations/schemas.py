"""Values that travel between channels, turns and pages."""

from dataclasses import dataclass
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

    ``address`` identifies the citizen on that channel (session token, OpenID, phone) and never
    leaves this process unhashed; ``external_id`` is the channel's own id of the message.
    """

    channel: str
    address: str
    external_id: str
    text: str
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An inbound message that is safely stored."""

    conversation_id: str
    seq: int
    is_duplicate: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a citizen."""

    text: str
    buttons: tuple[Button, ...] = ()
    is_urgent: bool = False


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
