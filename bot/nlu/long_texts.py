"""What a long text asks for: decided on its parts, for the whole hides one ask among many scenes.

Beyond `LONG` characters the scores of the text are mixed with those of its windows (title, end and
windows that ask weigh more) and of its asking sentences alone; fully at `LONG + _RAMP`. Measured on
texts built from the corpus around one ask; real texts of up to 600 characters keep their figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from bot.nlu import segments
from bot.nlu.classify.kernel import Scores
from bot.nlu.classify.model import Guess, RequestModel
from bot.nlu.spans import Span

LONG = 500
_RAMP = 300
_LONGEST_READ = 2000
_WINDOW = 200
_MOST_WINDOWS = 12
_FROM_THE_START = 4
_ASKS_READ = 300
_WHOLE, _WINDOWS, _ASKS = 0.3, 0.3, 0.4
_TITLE_BONUS, _END_BONUS, _ASK_BONUS = 1.0, 2.0, 3.0
_SENTENCE = re.compile(r"[^。！!？?；;\n]+[。！!？?；;\n]*")


def guess(model: RequestModel, texts: Sequence[str]) -> list[Guess]:
    """One guess for each text of any length; at most 14 stretches of a text are read."""
    if not texts:
        return []
    scores = model.scores([text[:_LONGEST_READ] for text in texts])
    for at, text in enumerate(texts):
        if len(text) > LONG:
            scores[at] = _pooled(model, text, scores[at])
    return model.decide(scores)


def windows(text: str) -> list[Span]:
    """Stretches of about `_WINDOW` characters that end with sentences; some of the middle are left
    out of a very long text."""
    found, start = [], 0
    for sentence in _SENTENCE.finditer(text):
        if sentence.end() - start > _WINDOW and sentence.start() > start:
            found.append(Span(start, sentence.start()))
            start = sentence.start()
        while sentence.end() - start > 2 * _WINDOW:
            found.append(Span(start, start + _WINDOW))
            start += _WINDOW
    if start < len(text):
        found.append(Span(start, len(text)))
    if len(found) <= _MOST_WINDOWS:
        return found
    return found[:_FROM_THE_START] + found[_FROM_THE_START - _MOST_WINDOWS :]


def _pooled(model: RequestModel, text: str, whole: Scores) -> Scores:
    spans, asks = windows(text), segments.asking(text)
    asked = "".join(text[ask.start : ask.end] for ask in asks)[-_ASKS_READ:]
    read = [text[span.start : span.end] for span in spans]
    scores = model.scores([*read, asked or read[-1]])
    weights = 1.0 + _ASK_BONUS * np.array([_asking_share(span, asks) for span in spans])
    weights[0] += _TITLE_BONUS
    weights[-1] += _END_BONUS
    parts = weights / weights.sum() @ scores[:-1]
    mixed = _WHOLE * whole + _WINDOWS * parts + _ASKS * scores[-1]
    share = min(1.0, (len(text) - LONG) / _RAMP)
    result: Scores = ((1 - share) * whole + share * mixed).astype(np.float32)
    return result


def _asking_share(span: Span, asks: Sequence[Span]) -> float:
    inside = sum(max(0, min(span.end, ask.end) - max(span.start, ask.start)) for ask in asks)
    return inside / (span.end - span.start)
