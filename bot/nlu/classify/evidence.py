"""Which words of a text decided for a type."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.nlu.features.clauses import Span, clauses
from bot.nlu.features.ngrams import LONGEST_NGRAM, Ngrams

Weigh = Callable[[Sequence[int]], NDArray[np.float32]]

MOST_SPANS = 3
LONGEST_SPAN = 16
_LEAST_SHARE = 0.35


def evidence(text: str, ngrams: Ngrams, weigh: Weigh) -> list[Span]:
    """Up to three stretches of `text` that weighed most, in order of place.

    `weigh` says for columns of `ngrams` what they add to the type over the mean of all types.
    """
    worth = _worth(text, ngrams, weigh)
    found = [span for clause in clauses(text) if (span := _best_run(clause, worth)) is not None]
    found.sort(key=lambda span: -worth[span.start : span.end].sum())
    if not found:
        return []
    least = _LEAST_SHARE * worth[found[0].start : found[0].end].sum()
    kept = [span for span in found if worth[span.start : span.end].sum() >= least][:MOST_SPANS]
    return sorted(kept, key=lambda span: span.start)


def _worth(text: str, ngrams: Ngrams, weigh: Weigh) -> NDArray[np.float64]:
    """What the n-grams over each character add, shared among their characters."""
    lowered = text.lower() if len(text.lower()) == len(text) else text
    places = [
        (at, n, column)
        for n in range(1, LONGEST_NGRAM + 1)
        for at in range(len(text) - n + 1)
        if (column := ngrams.index.get(lowered[at : at + n])) is not None
    ]
    worth = np.zeros(len(text))
    weights = weigh([column for _, _, column in places])
    for (at, n, column), weight in zip(places, weights, strict=True):
        worth[at : at + n] += weight * ngrams.idf[column] / n
    return worth


def _best_run(clause: Span, worth: NDArray[np.float64]) -> Span | None:
    """The stretch of at least two characters with the largest sum inside a clause."""
    best, at = 0.0, (0, 0)
    inside: Sequence[float] = worth[clause.start : clause.end].tolist()
    for start in range(len(inside)):
        total = 0.0
        for end in range(start, min(len(inside), start + LONGEST_SPAN)):
            total += inside[end]
            if total > best and end > start:
                best, at = total, (start, end + 1)
    if not at[1]:
        return None
    start, end = at
    return Span(clause.start + start, clause.start + end, clause.text[start:end])
