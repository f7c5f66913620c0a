"""A transcript in numbered lines, with the words that values came from marked. Pure."""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_LONG_LINE = 120
_SENTENCE_END = re.compile(r"(?<=[。！？!?；;])")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the text that a field's value stands in; ``key`` names the field."""

    start: int
    end: int
    key: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a line under the same marks; none for plain words."""

    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line as shown; ``number`` starts at 1."""

    number: int
    start: int
    end: int
    pieces: tuple[Piece, ...]


def lines(text: str, marks: Iterable[Mark]) -> list[Line]:
    """The text's lines (very long ones cut after sentences), cut at the marks' ends."""
    kept = list(marks)
    spans = [span for span in _line_spans(text) if text[span[0] : span[1]].strip()]
    return [
        Line(number, start, end, _pieces(text, start, end, kept))
        for number, (start, end) in enumerate(spans, start=1)
    ]


def line_of(shown: Sequence[Line], offset: int) -> int | None:
    """The number of the line an offset lies in."""
    return next((line.number for line in shown if line.start <= offset < line.end), None)


def _line_spans(text: str) -> list[tuple[int, int]]:
    spans = []
    for match in re.finditer(r"[^\r\n]+", text):
        start, end = match.span()
        if end - start <= _LONG_LINE:
            spans.append((start, end))
            continue
        for part in _SENTENCE_END.split(match.group()):
            if part:
                spans.append((start, start + len(part)))
                start += len(part)
    return spans


def _pieces(text: str, start: int, end: int, marks: Sequence[Mark]) -> tuple[Piece, ...]:
    here = [mark for mark in marks if mark.start < end and mark.end > start]
    cuts = {start, end}
    for mark in here:
        cuts.update(cut for cut in (mark.start, mark.end) if start < cut < end)
    edges = sorted(cuts)
    return tuple(
        Piece(
            text[left:right],
            tuple(dict.fromkeys(m.key for m in here if m.start < right and m.end > left)),
        )
        for left, right in itertools.pairwise(edges)
    )
