"""The request model: what a text asks for, among the 44 types of the taxonomy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import vstack

from bot.nlu.classify.calibration import (
    Calibration,
    best_sharpness,
    fit_calibration,
    stream_weights,
)
from bot.nlu.classify.corpus import DANGERS, Example, taxonomy
from bot.nlu.classify.decision import (
    Decision,
    Floats,
    crossed_category_chances,
    fit_decision,
)
from bot.nlu.classify.evidence import evidence
from bot.nlu.classify.kernel import KernelRidge, Scores
from bot.nlu.classify.reading import matter
from bot.nlu.classify.slips import slipped
from bot.nlu.encoder import SentenceEncoder
from bot.nlu.features.clauses import Span
from bot.nlu.features.ngrams import Ngrams

# of the target of an example that a careful colleague could label otherwise
_ALSO_SHARE = 0.3
# every fifth text is learnt a second time, with slips of typing or dictation
_COPY_EVERY = 5


@dataclass(frozen=True)
class Guess:
    """`type` is the best type of the best category, first in `ranking`; the others follow by score.

    `confidence` is the calibrated probability that the category is right; `dangers` scores each
    of `DANGERS`, near 1 where somebody is in it now.
    """

    type: str
    ranking: tuple[tuple[str, float], ...]
    confidence: float
    dangers: tuple[tuple[str, float], ...] = ()


class RequestModel:
    """Kernel regression over sentence vectors and n-grams, decided by category, then calibrated."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._ngrams = Ngrams()
        self._kernel = KernelRidge()
        self._decision: Decision
        self._calibration = Calibration(())
        self.labels = tuple(taxonomy())
        categories = list(dict.fromkeys(kind.category for kind in taxonomy().values()))
        self._category = np.array([categories.index(taxonomy()[x].category) for x in self.labels])
        self._members = np.eye(len(categories))[self._category]

    def fit(self, examples: Sequence[Example], encoder: SentenceEncoder) -> Scores:
        """Returns leave-one-out scores as `scores` does; copies with slips are learnt, too.

        `encoder` may be a cached form of the model's own.
        """
        texts = [matter(example.text) for example in examples]
        targets = self._targets(examples)
        copied = np.arange(0, len(texts), _COPY_EVERY)
        copies = [slipped(texts[at]) for at in copied]
        rows = vstack([self._ngrams.fit(texts), self._ngrams.transform(copies)], format="csr")
        vectors = encoder.encode([*texts, *copies])
        with_copies = np.concatenate([targets, targets[copied]])
        left_out = self._kernel.fit(vectors, rows, with_copies, copied)
        of_types = slice(0, len(self.labels))
        exact = left_out[:, of_types].astype(float), targets[:, of_types].astype(float)
        self._fit_decision(*exact, examples)
        return left_out

    def scores(self, texts: Sequence[str]) -> Scores:
        """Raw scores of shape (len(texts), 48): columns in the order of `labels`, then `DANGERS`."""
        shown = [matter(text) for text in texts]
        return self._kernel.scores(self._encoder.encode(shown), self._ngrams.transform(shown))

    def guess(self, texts: Sequence[str]) -> list[Guess]:
        """One guess for each text."""
        return self.decide(self.scores(texts)) if texts else []

    def decide(self, scores: Scores) -> list[Guess]:
        """From raw scores to guesses."""
        exact, dangers = np.split(scores.astype(float), [len(self.labels)], axis=1)
        chances, categories = (
            self._decision.type_chances(exact),
            self._decision.category_chances(exact),
        )
        confidence = self._calibration.confidence(exact, categories)
        best = categories.argmax(axis=1)
        return [
            Guess(
                *self._rank(chances[row], int(best[row])),
                float(confidence[row]),
                tuple(zip(DANGERS, dangers[row].tolist(), strict=True)),
            )
            for row in range(len(scores))
        ]

    def evidence(self, text: str, label: str) -> list[Span]:
        """The stretches of `text` that spoke most for `label`."""
        at = self.labels.index(label)

        def weigh(columns: Sequence[int]) -> Scores:
            rows = self._kernel.by_ngram[list(columns), : len(self.labels)]
            added: Scores = rows[:, at] - rows.mean(axis=1)
            return added

        return evidence(text, self._ngrams, weigh)

    def save(self, folder: Path) -> None:
        self._ngrams.save(folder)
        self._kernel.save(folder / "kernel.npz")
        stored = {"encoder": self._encoder.name, "calibration": self._calibration.weights}
        np.savez(folder / "decision.npz", **self._decision.arrays())
        (folder / "model.json").write_text(json.dumps(stored))

    @classmethod
    def load(cls, folder: Path, encoder: SentenceEncoder) -> RequestModel:
        """Raises ValueError when the model was trained with another encoder."""
        stored = json.loads((folder / "model.json").read_text())
        if stored["encoder"] != encoder.name:
            raise ValueError(f"trained with {stored['encoder']}, not {encoder.name}: train again")
        made = cls(encoder)
        made._ngrams = Ngrams.load(folder)
        made._kernel = KernelRidge.load(folder / "kernel.npz")
        made._calibration = Calibration(tuple(stored["calibration"]))
        with np.load(folder / "decision.npz", allow_pickle=False) as arrays:
            made._decision = Decision.restored(arrays, made._members)
        return made

    def _fit_decision(self, scores: Floats, targets: Floats, examples: Sequence[Example]) -> None:
        weights = stream_weights(targets @ self._members)
        sharpness = best_sharpness(scores, targets, weights)
        data = scores, targets, self._members, weights, sharpness
        self._decision = fit_decision(*data)
        crossed = crossed_category_chances(*data)
        self._calibration = fit_calibration(scores, crossed, self._accepted(examples), weights)

    def _rank(
        self, chances: NDArray[np.float64], category: int
    ) -> tuple[str, tuple[tuple[str, float], ...]]:
        first = int(np.where(self._category == category, chances, -1.0).argmax())
        others = [int(at) for at in np.argsort(-chances, kind="stable") if at != first]
        ranking = tuple((self.labels[at], float(chances[at])) for at in [first, *others])
        return self.labels[first], ranking

    def _targets(self, examples: Sequence[Example]) -> Scores:
        """Soft labels: `_ALSO_SHARE` of an ambiguous example goes to its other types; beside the
        types each danger is a column of its own."""
        place = {label: at for at, label in enumerate(self.labels)}
        targets = np.zeros((len(examples), len(self.labels)), dtype=np.float32)
        for row, example in enumerate(examples):
            others = [place[kind] for kind in example.also if kind != example.type]
            targets[row, place[example.type]] = 1.0 - (_ALSO_SHARE if others else 0.0)
            for at in others:
                targets[row, at] += _ALSO_SHARE / len(others)
        dangers = [[kind in example.danger for kind in DANGERS] for example in examples]
        return np.hstack([targets, np.array(dangers, dtype=np.float32)])

    def _accepted(self, examples: Sequence[Example]) -> NDArray[np.bool_]:
        rows = [
            sum(self._members[self.labels.index(kind)] for kind in (example.type, *example.also))
            for example in examples
        ]
        accepted: NDArray[np.bool_] = np.stack(rows) > 0
        return accepted
