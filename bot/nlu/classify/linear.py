"""Multinomial logistic regression, stored as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression

Rows = csr_matrix | NDArray[np.float32]
Probabilities = NDArray[np.float64]


class Linear:
    """`labels` in fixed order; `predict` gives one row of probabilities per text."""

    def __init__(self, labels: Sequence[str], strength: float) -> None:
        self.labels = tuple(labels)
        self._strength = strength
        self.weights = np.zeros((0, 0), dtype=np.float32)
        self.bias = np.zeros(0, dtype=np.float32)

    def fit(
        self, rows: Rows, targets: Sequence[str], weights: Sequence[float] | None = None
    ) -> None:
        """`strength` is the inverse of the L2 penalty, as in scikit-learn."""
        model = LogisticRegression(C=self._strength, max_iter=200, tol=1e-3)
        model.fit(rows, list(targets), sample_weight=weights)
        order = [list(model.classes_).index(label) for label in self.labels]
        self.weights = model.coef_[order].astype(np.float32)
        self.bias = model.intercept_[order].astype(np.float32)

    def predict(self, rows: Rows) -> Probabilities:
        """Shape (texts, labels); every row sums to one."""
        return softmax(np.asarray(rows @ self.weights.T) + self.bias)

    def save(self, path: Path) -> None:
        np.savez(path, weights=self.weights, bias=self.bias, labels=np.array(self.labels))

    @classmethod
    def load(cls, path: Path) -> Linear:
        with np.load(path, allow_pickle=False) as stored:
            made = cls(stored["labels"].tolist(), strength=1.0)
            made.weights, made.bias = stored["weights"], stored["bias"]
        return made


def softmax(scores: NDArray[Any]) -> Probabilities:
    """Row by row, in double precision."""
    scores = scores.astype(np.float64)
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Probabilities = scores / scores.sum(axis=1, keepdims=True)
    return result


def repeat_rows(rows: Rows, times: Sequence[int]) -> Rows:
    """Row i of `rows` `times[i]` times over."""
    index = np.repeat(np.arange(len(times)), times)
    return rows[index] if isinstance(rows, np.ndarray) else vstack([rows[index]], format="csr")
