"""The request model: what a text asks for, among the 44 types of the taxonomy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.nlu.classify.corpus import Example, taxonomy
from bot.nlu.classify.linear import Linear, Probabilities
from bot.nlu.dialect import gloss
from bot.nlu.encoder import SentenceEncoder
from bot.nlu.features.ngrams import Ngrams
from bot.nlu.features.pooled import pooled
from bot.nlu.normalization import normalize

_VECTOR_SCALE = 1.0


@dataclass(frozen=True)
class Guess:
    """Types with their probabilities, best first: the head is the best type of the best category.

    `confidence` is the calibrated probability that the category is right.
    """

    type: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]


def readable(text: str) -> str:
    """The form every part of the model reads; applying it twice changes nothing."""
    return gloss(normalize(text).text)


class RequestModel:
    """Averages a linear model over n-grams and one over sentence vectors."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self.labels = tuple(taxonomy())
        self.ngrams = Ngrams()
        self.by_ngrams = Linear(self.labels, strength=12.0)
        self._by_vectors = Linear(self.labels, strength=8.0)

    def fit(self, examples: Sequence[Example], encoder: SentenceEncoder) -> None:
        """`encoder` may be a cached one; it must give the vectors of the model's own."""
        texts = [readable(example.text) for example in examples]
        targets = [example.type for example in examples]
        self.by_ngrams.fit(self.ngrams.fit(texts), targets)
        self._by_vectors.fit(pooled(texts, encoder) * _VECTOR_SCALE, targets)

    def probabilities(self, texts: Sequence[str]) -> Probabilities:
        """Shape (len(texts), 44), columns in the order of `labels`."""
        texts = [readable(text) for text in texts]
        by_ngrams = self.by_ngrams.predict(self.ngrams.transform(texts))
        by_vectors = self._by_vectors.predict(pooled(texts, self._encoder) * _VECTOR_SCALE)
        return (by_ngrams + by_vectors) / 2

    def guess(self, texts: Sequence[str]) -> list[Guess]:
        return [self._guess(row) for row in self.probabilities(texts)]

    def _guess(self, row: np.ndarray) -> Guess:
        kinds = taxonomy()
        totals: dict[str, float] = {}
        for label, value in zip(self.labels, row, strict=True):
            category = kinds[label].category
            totals[category] = totals.get(category, 0.0) + float(value)
        best = max(totals, key=totals.__getitem__)
        ranking = sorted(
            zip(self.labels, map(float, row), strict=True),
            key=lambda pair: (kinds[pair[0]].category != best, -pair[1]),
        )
        head, *rest = ranking
        rest.sort(key=lambda pair: -pair[1])
        return Guess(head[0], min(totals[best], 1.0), (head, *rest))

    def save(self, folder: Path) -> None:
        self.ngrams.save(folder)
        self.by_ngrams.save(folder / "by_ngrams.npz")
        self._by_vectors.save(folder / "by_vectors.npz")
        (folder / "model.json").write_text(json.dumps({"encoder": self._encoder.name}))

    @classmethod
    def load(cls, folder: Path, encoder: SentenceEncoder) -> RequestModel:
        stored = json.loads((folder / "model.json").read_text())["encoder"]
        if stored != encoder.name:
            raise ValueError(
                f"model trained with encoder {stored}, not {encoder.name}: train again"
            )
        made = cls(encoder)
        made.ngrams = Ngrams.load(folder)
        made.by_ngrams = Linear.load(folder / "by_ngrams.npz")
        made._by_vectors = Linear.load(folder / "by_vectors.npz")
        return made
