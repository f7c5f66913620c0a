"""Cutting a text into clauses; every part keeps its offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CLAUSE = re.compile(r"[^，,。！？!?；;、：:\s]+")


@dataclass(frozen=True)
class Span:
    """A half-open stretch of a text."""

    start: int
    end: int
    text: str


def clauses(text: str) -> list[Span]:
    """Stretches between any punctuation or white space."""
    return [Span(m.start(), m.end(), m.group()) for m in _CLAUSE.finditer(text)]
