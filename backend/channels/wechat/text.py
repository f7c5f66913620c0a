"""Cutting and joining texts to what one WeChat message holds. Pure."""

import re
from collections.abc import Sequence

from backend.conversations.schemas import Reply

MAX_TEXT_BYTES = 2048
_SENTENCE_END = re.compile(r"[。！？!?；;…\n]+[”’」』）)】]*")
_PAUSE = re.compile(r"[，,、：: ]")


def cut(text: str, max_bytes: int = MAX_TEXT_BYTES) -> list[str]:
    """Pieces of at most ``max_bytes`` UTF-8 bytes, cut after sentences where there are any.

    A sentence that is too long itself is cut after a comma, else between two characters.
    """
    pieces = []
    rest = text.strip()
    while len(rest.encode()) > max_bytes:
        at = _place_to_cut(rest, max_bytes)
        pieces.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*pieces, rest] if rest else pieces


def joined(replies: Sequence[Reply]) -> tuple[Reply, ...]:
    """All replies of a turn as one message, or as few as its size allows."""
    text = "\n".join(reply.text for reply in replies if reply.text)
    is_urgent = any(reply.is_urgent for reply in replies)
    buttons = tuple(button for reply in replies for button in reply.buttons)
    asked = next((r.asks_rating_of for r in reversed(replies) if r.asks_rating_of), None)
    pieces = cut(text)
    last = len(pieces) - 1
    return tuple(
        Reply(
            piece,
            buttons=buttons if position == last else (),
            is_urgent=is_urgent,
            asks_rating_of=asked if position == last else None,
        )
        for position, piece in enumerate(pieces)
    )


def _place_to_cut(text: str, max_bytes: int) -> int:
    """How many characters go into the first piece; at least one."""
    fits = text.encode()[:max_bytes].decode(errors="ignore")
    for pattern in (_SENTENCE_END, _PAUSE):
        ends = [found.end() for found in pattern.finditer(fits)]
        if ends and ends[-1] > len(fits) // 4:
            return ends[-1]
    return max(len(fits), 1)
