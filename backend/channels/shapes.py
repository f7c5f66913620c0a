"""How each channel wants its messages, for reports that pass one on to another channel."""

from backend.channels.sms.routing import CHANNEL as SMS
from backend.channels.sms.routing import shape
from backend.channels.wechat.text import joined
from backend.conversations.delivery import Shape, as_they_are

_SHAPES: dict[str, Shape] = {SMS: shape, "wechat": joined}


def shape_of(channel: str) -> Shape:
    """The shape of that channel's messages; unchanged where it has none."""
    return _SHAPES.get(channel, as_they_are)
