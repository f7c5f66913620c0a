"""The value that every extractor shares: a half-open span of characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Span:
    """`text[start:end]` of the text given to the extractor."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def within(self, other: Span) -> bool:
        return other.start <= self.start and self.end <= other.end


_CLAUSE_END = re.compile(r"[，,。！？!?；;\n]")


def clause_around(text: str, span: Span) -> Span:
    """The clause (between commas, full stops, line breaks) that holds the start of `span`."""
    start = 0
    for match in _CLAUSE_END.finditer(text, max(0, span.start - 120), span.start):
        start = match.end()
    following = _CLAUSE_END.search(text, span.end)
    return Span(max(start, span.start - 120), following.start() if following else len(text))


def covered(span: Span, others: Iterable[Span]) -> bool:
    """Whether `span` overlaps any of `others`."""
    return any(span.overlaps(other) for other in others)


def mask(text: str, spans: Sequence[Span], filler: str = "*") -> str:
    """`text` with every character of the spans replaced by `filler`; length unchanged."""
    characters = list(text)
    for span in spans:
        characters[span.start : span.end] = filler * (span.end - span.start)
    return "".join(characters)
