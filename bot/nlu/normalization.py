"""Full width to half width, traditional to simplified, noise removed; offsets kept true.

Everything else reads the normalised text. `Normalized.span` leads an offset
back to the text as it was sent.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from opencc import OpenCC

# Punctuation stays full width: sentences are cut at it and people read it in summaries.
_KEPT_PUNCTUATION = frozenset("，。！？；：（）、【】《》“”‘’…～")
# Characters that the table of OpenCC reads wrongly one by one, and variants seen in Dongguan.
_VARIANTS = {"著": "着", "乾": "干", "裏": "里", "漖": "滘", "祗": "只", "嗰": "嗰"}


@dataclass(frozen=True)
class Normalized:
    """A cleaned text with, for each of its characters, the offset it came from.

    `offsets` has one entry per character of `text`; `source` is the text as sent.
    """

    text: str
    offsets: tuple[int, ...]
    source: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of `source` that produced `text[start:end]`."""
        if start >= end:
            at = self.offsets[start] if start < len(self.offsets) else len(self.source)
            return at, at
        return self.offsets[start], self.offsets[end - 1] + 1


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=16384)
def _clean_character(character: str) -> str:
    """The replacement of one character: empty when it is noise, longer for ligatures."""
    if character in _KEPT_PUNCTUATION:
        return character
    if character in "\r\n\u2028\u2029\u0085\v\f":
        return "\n"
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Mn", "Me"):
        return " " if character == "\t" else ""
    folded = unicodedata.normalize("NFKC", character)
    if folded.isspace():
        return " "
    return "".join(_simplify(part) for part in folded)


def _simplify(character: str) -> str:
    if character in _VARIANTS:
        return _VARIANTS[character]
    if not "\u3400" <= character <= "\ufaff":
        return character
    converted: str = _converter().convert(character)
    return converted if len(converted) == 1 else character


def normalize(source: str) -> Normalized:
    """Cleans a text as sent. Length may change either way; no character is invented.

    Spaces are collapsed, line breaks kept (speakers of transcripts are told by them).
    """
    out: list[str] = []
    offsets: list[int] = []
    for position, character in enumerate(source):
        for part in _clean_character(character):
            if part == " " and (not out or out[-1] in " \n"):
                continue
            if part == "\n" and out and out[-1] == "\n":
                continue
            out.append(part)
            offsets.append(position)
    while out and out[-1] in " \n":
        out.pop()
        offsets.pop()
    return Normalized("".join(out), tuple(offsets), source)
