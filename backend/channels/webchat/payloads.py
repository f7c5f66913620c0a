"""Frames of ``/chat/ws``: what the page sends, and what it is sent."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from backend.conversations.schemas import Entry, Transcript
from backend.core.clock import rfc3339

MAX_FRAME_CHARS = 65_536
ClientId = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]


class _Frame(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Hello(_Frame):
    """First frame: the last number this page has shown, 0 for none."""

    type: Literal["hello"]
    last_seq: Annotated[int, Field(ge=0, le=2**53)] = 0


class Message(_Frame):
    """Free text; its length is checked where it is stored, so that the answer is kind."""

    type: Literal["message"]
    id: ClientId
    text: str


class Choice(_Frame):
    """A quick reply that was offered."""

    type: Literal["choice"]
    id: ClientId
    title: Annotated[str, Field(max_length=200)]
    payload: Annotated[str, Field(max_length=2000)]


class Seen(_Frame):
    """The page has shown everything up to this number."""

    type: Literal["seen"]
    seq: Annotated[int, Field(ge=0, le=2**53)]


class Ping(_Frame):
    """Is anybody there?"""

    type: Literal["ping"]


ClientFrame = Annotated[Hello | Message | Choice | Seen | Ping, Field(discriminator="type")]
CLIENT_FRAME: TypeAdapter[Hello | Message | Choice | Seen | Ping] = TypeAdapter(ClientFrame)


def transcript_frame(kind: Literal["ready", "messages"], news: Transcript) -> dict[str, Any]:
    """``ready`` answers ``hello``; ``messages`` brings news."""
    return {
        "type": kind,
        "messages": [_entry(entry) for entry in news.entries],
        "activity": news.activity,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "from": entry.sender,
        "id": entry.id,
        "text": entry.text,
        "at": rfc3339(entry.at),
        "urgent": entry.is_urgent,
        "buttons": [{"title": b.title, "payload": b.payload} for b in entry.buttons],
    }
