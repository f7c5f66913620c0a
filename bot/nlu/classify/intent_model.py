"""The model of dialogue intents: the same kernel regression as for requests, over fewer labels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.nlu.classify.calibration import best_sharpness
from bot.nlu.classify.decision import softmax
from bot.nlu.classify.kernel import KernelRidge, Scores
from bot.nlu.classify.reading import matter, readable
from bot.nlu.encoder import SentenceEncoder
from bot.nlu.features.ngrams import Ngrams

LONGEST_TEXT = 2000


class IntentModel:
    """Texts to intents with a confidence."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._ngrams = Ngrams(min_count=1)
        self._kernel = KernelRidge()
        self._sharpness = 1.0
        self.labels: tuple[str, ...] = ()

    def fit(self, pairs: Sequence[tuple[str, str]], encoder: SentenceEncoder) -> Scores:
        """`pairs` of text and intent; returns leave-one-out scores."""
        texts = [readable(text) for text, _ in pairs]
        self.labels = tuple(sorted({intent for _, intent in pairs}))
        targets = np.zeros((len(pairs), len(self.labels)), dtype=np.float32)
        for row, (_, intent) in enumerate(pairs):
            targets[row, self.labels.index(intent)] = 1.0
        vectors = encoder.encode([matter(text) for text, _ in pairs])
        left_out = self._kernel.fit(vectors, self._ngrams.fit(texts), targets)
        self._sharpness = best_sharpness(left_out.astype(float), targets.astype(float))
        return left_out

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Intents with their probability, best first."""
        text = text[:LONGEST_TEXT]
        # the vector is the request model's, so that a turn pays for one
        vector = self._encoder.encode([matter(text)])
        scores = self._kernel.scores(vector, self._ngrams.transform([readable(text)]))
        chances = softmax(scores.astype(float) * self._sharpness)[0]
        order = np.argsort(-chances, kind="stable")
        return [(self.labels[at], float(chances[at])) for at in order]

    def save(self, folder: Path) -> None:
        self._ngrams.save(folder)
        self._kernel.save(folder / "kernel.npz")
        stored = {
            "encoder": self._encoder.name,
            "labels": self.labels,
            "sharpness": self._sharpness,
        }
        (folder / "model.json").write_text(json.dumps(stored))

    @classmethod
    def load(cls, folder: Path, encoder: SentenceEncoder) -> IntentModel:
        """Raises ValueError when the model was trained with another encoder."""
        stored = json.loads((folder / "model.json").read_text())
        if stored["encoder"] != encoder.name:
            raise ValueError(f"trained with {stored['encoder']}, not {encoder.name}: train again")
        made = cls(encoder)
        made._ngrams = Ngrams.load(folder)
        made._kernel = KernelRidge.load(folder / "kernel.npz")
        made.labels, made._sharpness = tuple(stored["labels"]), stored["sharpness"]
        return made
