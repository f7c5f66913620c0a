"""Notices as JSON."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from backend.cases.schemas import Channel, Conversation
from backend.core.clock import Timestamp
from backend.core.text import Paragraph
from backend.notifications.rules import Wish

NoticeChannel = Literal["wechat", "webchat", "sms"]
EventName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$", examples=["publicity", "1207"])]
NoteText = Annotated[Paragraph | None, Field(examples=["已更换路灯三盏"])]


class PreviewItem(BaseModel):
    """One way to one follower: exactly what they would read there.

    ``outcome``: ``send`` goes first, ``otherwise`` only if what comes before does not arrive,
    ``skip`` not at all (``reason``).
    """

    follower: Literal["reporter", "supporter"]
    channel: NoticeChannel | None
    to: str | None
    template: str
    text: str | None
    buttons: list[str]
    segments: int | None
    outcome: Literal["send", "otherwise", "skip"]
    reason: str | None
    send_at: Timestamp | None


class Preview(BaseModel):
    """What an event would have sent; ``decisive`` is false where nobody is told."""

    event: str
    decisive: bool
    items: list[PreviewItem]


class DispatchOut(BaseModel):
    """One line of the dispatch log."""

    at: Timestamp
    event_id: int
    follower: Literal["reporter", "supporter"]
    channel: str | None
    template: str | None
    outcome: Literal["sent", "delivered", "skipped", "failed"]
    reason: str | None
    key: str


class DispatchLog(BaseModel):
    """Newest first."""

    items: list[DispatchOut]


class PreferenceIn(BaseModel):
    """What a citizen wants: channels without notices, and the one they like best."""

    conversation_id: Conversation
    channel: Channel
    muted: list[NoticeChannel] = Field(default=[], max_length=3)
    preferred: NoticeChannel | None = None


class WishIn(BaseModel):
    """What a citizen said about notices in a conversation."""

    conversation_id: Conversation
    channel: Channel
    wish: Wish


class WishOut(BaseModel):
    """What can reach them now: ``channels`` over all their cases, ``phone`` masked."""

    cases: int
    channels: list[NoticeChannel]
    phone: str | None


class PreferenceOut(BaseModel):
    """What is kept."""

    muted: list[str]
    preferred: str | None
    updated_at: Timestamp | None
