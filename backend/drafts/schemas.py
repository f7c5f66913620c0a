"""Open drafts as JSON."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from backend.core.clock import Timestamp
from backend.core.text import Clean, Code, Whole

Channel = Literal["wechat", "webchat", "sms", "hotline"]
ConversationId = Annotated[str, StringConstraints(min_length=1, max_length=255), Clean]
DraftId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8,64}$")]
_Phone = Annotated[str, StringConstraints(max_length=40), Clean]
_MOST_CHARS = 60_000


class DraftIn(BaseModel):
    """A draft as it stands now; ``draft`` is the assistant's own JSON and is not looked into.

    ``type`` and ``words``: what may be shown of it to whoever holds its ``phone``.
    """

    conversation_id: ConversationId
    channel: Channel
    phone: _Phone | None = None
    type: Code
    words: Annotated[str, StringConstraints(max_length=40), Clean]
    draft: Annotated[str, StringConstraints(min_length=2, max_length=_MOST_CHARS), Whole]


class Kept(BaseModel):
    """Until when a draft is kept if nothing more is said."""

    kept_until: Timestamp


class Whereabouts(BaseModel):
    """The channel in which a draft went on, if it left this conversation."""

    moved_to: str | None


class Asking(BaseModel):
    """Who asks."""

    conversation_id: ConversationId


class ContinuationCode(BaseModel):
    """The code that takes the draft to another conversation, once."""

    code: str = Field(examples=["483920"])
    until: Timestamp


class Taking(BaseModel):
    """Going on with a draft here, by its code or, without one, by the number this citizen holds."""

    conversation_id: ConversationId
    channel: Channel
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] | None = None


class Taken(BaseModel):
    """A draft that now belongs to the conversation that asked, and where it comes from."""

    draft_id: str
    channel: str
    draft: str


class Offer(BaseModel):
    """The little that is shown of a draft before somebody goes on with it."""

    channel: str
    type: str
    words: str


class OfferAnswer(BaseModel):
    """A draft of this citizen's number that is open elsewhere and was not offered before."""

    offer: Offer | None
