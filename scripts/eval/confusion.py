"""The confusion of types as a picture: an SVG without fonts or scripts of others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path

from bot.nlu.classify.corpus import taxonomy
from scripts.eval.measures import Judged

_CELL = 17
_MARGIN = 170


def draw(rows: Sequence[Judged], path: Path) -> None:
    """Gold types down, said types across; green on the diagonal, red beside it."""
    cells = Counter((row.type, row.said_type) for row in rows)
    labels = [label for label in taxonomy() if any(label in pair for pair in cells)]
    totals = Counter(row.type for row in rows)
    size = _MARGIN + _CELL * len(labels) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" '
        'font-family="sans-serif" font-size="10">',
        f'<rect width="{size}" height="{size}" fill="white"/>',
    ]
    for at, label in enumerate(labels):
        parts += _names(at, label)
    for (gold, said), count in sorted(cells.items()):
        parts += _cell(labels.index(said), labels.index(gold), count, totals[gold], gold == said)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*parts, "</svg>"]), encoding="utf-8")


def _names(at: int, label: str) -> list[str]:
    middle = _MARGIN + _CELL * at + 12
    turn = f'transform="rotate(-90 {middle} {_MARGIN - 6})"'
    return [
        f'<text x="{_MARGIN - 6}" y="{middle}" text-anchor="end">{escape(label)}</text>',
        f'<text x="{middle}" y="{_MARGIN - 6}" {turn}>{escape(label)}</text>',
    ]


def _cell(column: int, row: int, count: int, total: int, right: bool) -> list[str]:
    x, y = _MARGIN + _CELL * column, _MARGIN + _CELL * row
    colour = "0,128,64" if right else "200,40,40"
    strength = 0.15 + 0.85 * min(1.0, count / total)
    return [
        f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" fill="rgba({colour},{strength:.2f})"/>',
        f'<text x="{x + _CELL / 2}" y="{y + 12}" text-anchor="middle">{count}</text>',
    ]
