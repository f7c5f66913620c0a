"""Which words of a text decided for a type."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.nlu.features.ngrams import Ngrams
from bot.nlu.features.sentences import Span, clauses

MOST_SPANS = 3
LONGEST_SPAN = 16
_LEAST_SHARE = 0.35


def evidence(text: str, ngrams: Ngrams, weights: np.ndarray) -> list[Span]:
    """Up to three stretches of `text` that weighed most, in order of place.

    `weights` says for each column of `ngrams` what it adds to the type over the mean of all.
    """
    worth = _worth(text, ngrams, weights)
    found = [span for clause in clauses(text) if (span := _best_run(clause, worth)) is not None]
    found.sort(key=lambda span: -worth[span.start : span.end].sum())
    if not found:
        return []
    least = _LEAST_SHARE * worth[found[0].start : found[0].end].sum()
    kept = [span for span in found if worth[span.start : span.end].sum() >= least][:MOST_SPANS]
    return sorted(kept, key=lambda span: span.start)


def _worth(text: str, ngrams: Ngrams, weights: np.ndarray) -> np.ndarray:
    """What the n-grams over each character add."""
    worth = np.zeros(len(text))
    lowered = text.lower() if len(text.lower()) == len(text) else text
    for n in range(1, 5):
        for at in range(len(text) - n + 1):
            column = ngrams.index.get(lowered[at : at + n])
            if column is not None:
                worth[at : at + n] += weights[column] * ngrams.idf[column] / n
    return worth


def _best_run(clause: Span, worth: np.ndarray) -> Span | None:
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
