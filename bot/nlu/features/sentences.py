"""Cutting a text into sentences and clauses; every part keeps its offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")
_CLAUSE = re.compile(r"[^，,。！？!?；;、：:\s]+")
LONGEST_SENTENCE = 80
MOST_SENTENCES = 24


@dataclass(frozen=True)
class Span:
    """A half-open stretch of a text."""

    start: int
    end: int
    text: str


def sentences(text: str) -> list[Span]:
    """The sentences of `text`, long ones cut at commas or every `LONGEST_SENTENCE` characters.

    At most `MOST_SENTENCES`: of a longer text the first and last ones, where requests stand.
    """
    spans = [part for found in _SENTENCE.finditer(text) for part in _cut(found, text)]
    spans = [span for span in spans if span.text.strip()]
    if len(spans) > MOST_SENTENCES:
        half = MOST_SENTENCES // 2
        spans = spans[:half] + spans[-half:]
    return spans


def clauses(text: str) -> list[Span]:
    """Stretches between any punctuation or white space."""
    return [Span(m.start(), m.end(), m.group()) for m in _CLAUSE.finditer(text)]


def _cut(found: re.Match[str], text: str) -> list[Span]:
    start, end = found.span()
    parts = []
    while end - start > LONGEST_SENTENCE:
        comma = max(text.rfind(mark, start, start + LONGEST_SENTENCE) for mark in "，, ")
        at = comma + 1 if comma > start + LONGEST_SENTENCE // 3 else start + LONGEST_SENTENCE
        parts.append(Span(start, at, text[start:at]))
        start = at
    parts.append(Span(start, end, text[start:end]))
    return parts
