"""How long a text message is, and how a long answer is cut.

Chinese forces UCS-2: 70 units in a single message, 67 in each segment of a longer one (3GPP TS
23.038 and 23.040). Characters outside the basic plane (emoji, rare names) take two units and are
never torn apart.
"""

import re

SINGLE_UNITS = 70
SEGMENT_UNITS = 67
MAX_SEGMENTS = 2

_SENTENCE_END = re.compile(r"[。！？!?；;\n]+[”’」』）)]*")
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]*")
LINK = re.compile(
    r"(?:https?://|www\.)[^\s，。；！？、）)]+"
    r"|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:com|cn|net|gov|org)\b[^\s，。；！？、）)]*",
    re.IGNORECASE | re.ASCII,
)
_HOLE = "\0"
_PAUSE = re.compile(r"[，,、：:\s]+")


def units(text: str) -> int:
    """UTF-16 code units of the text."""
    return len(text) + sum(character > "\uffff" for character in text)


def segments(text: str) -> int:
    """How many segments the network bills for; 0 for no text."""
    if units(text) <= SINGLE_UNITS:
        return 1 if text else 0
    count, room = 1, SEGMENT_UNITS
    for character in text:
        size = 2 if character > "\uffff" else 1
        if size > room:
            count, room = count + 1, SEGMENT_UNITS
        room -= size
    return count


def fits(text: str) -> bool:
    """Whether the text is one message of at most two segments."""
    return segments(text) <= MAX_SEGMENTS


def clip(text: str, limit: int) -> str:
    """The text in at most that many units, ending in … where something is left out."""
    if units(text) <= limit:
        return text
    kept = ""
    for character in text:
        if units(kept + character) > limit - 1:
            break
        kept += character
    return kept + "…"


def cut(text: str, limit: int) -> list[str]:
    """The text in pieces of at most ``limit`` units, ended at sentences, else pauses, else anywhere.

    Blanks at the seams go; nothing else does.
    """
    pieces = []
    rest = text.strip()
    while units(rest) > limit:
        window = _head(rest, limit)
        end = _last_end(_SENTENCE_END, window) or _last_end(_PAUSE, window) or len(window)
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [piece for piece in (*pieces, rest) if piece]


def without_links(text: str) -> str:
    """The text without the sentences that hold a link: carriers refuse those messages.

    Where every sentence holds one, only the links go.
    """
    marked = LINK.sub(_HOLE, text)
    if marked == text:
        return text
    kept = "".join(part for part in _SENTENCE.findall(marked) if _HOLE not in part).strip()
    return kept or marked.replace(_HOLE, "").strip()


def _head(text: str, limit: int) -> str:
    """The longest beginning of at most that many units."""
    kept = 0
    for index, character in enumerate(text):
        kept += 2 if character > "\uffff" else 1
        if kept > limit:
            return text[:index]
    return text


def _last_end(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match ends, if that leaves a piece worth sending; else 0."""
    end = max((found.end() for found in pattern.finditer(text)), default=0)
    return end if end >= len(text) // 3 else 0
