"""One vector for a text of any length, out of the vectors of the whole and of its sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.nlu.encoder import SentenceEncoder, Vectors
from bot.nlu.features.sentences import sentences

LONGEST_WHOLE = 600


def pooled(texts: Sequence[str], encoder: SentenceEncoder) -> Vectors:
    """Whole text, mean and maximum over its sentences: shape (len(texts), 3 * encoder.dim)."""
    parts = [[span.text for span in sentences(text)] or [text] for text in texts]
    wholes = [text[:LONGEST_WHOLE] for text in texts]
    flat = encoder.encode(wholes + [sentence for part in parts for sentence in part])
    rows, at = [], len(texts)
    for whole, part in zip(flat, parts, strict=False):
        inside = flat[at : at + len(part)]
        at += len(part)
        rows.append(np.concatenate([whole, inside.mean(axis=0), inside.max(axis=0)]))
    return np.stack(rows).astype(np.float32)
