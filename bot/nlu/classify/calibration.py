"""From scores to a probability a person may rely on.

Fitted on scores of texts left out, weighted to the shares that the categories have in the real
stream: out-of-scope matters are seven of ten there, not four.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from bot.nlu.classify.decision import softmax

Floats = NDArray[np.float64]

STREAM_SHARES = {"weishishi": 0.13, "weixinyuan": 0.20, "out_of_scope": 0.67}
_RIDGE = 1e-3


@dataclass(frozen=True)
class Calibration:
    """`weights` of a logistic model of "the category is right"."""

    weights: tuple[float, ...]

    def confidence(self, scores: Floats, category_chances: Floats) -> Floats:
        """Probability that the best category is right, for each text."""
        return _sigmoid(_signs(scores, category_chances) @ np.array(self.weights, dtype=float))


def fit_calibration(
    scores: Floats, category_chances: Floats, accepted: NDArray[np.bool_], weights: Floats
) -> Calibration:
    """`accepted` (texts, categories): which count as right; `weights`: what each text counts."""
    best = category_chances.argmax(axis=1)
    right = accepted[np.arange(len(best)), best].astype(float)
    return Calibration(tuple(_logistic(_signs(scores, category_chances), right, weights)))


def stream_weights(shares: Floats) -> Floats:
    """Weights that give the categories of `shares` (texts, categories) those of the stream."""
    wanted = np.array(list(STREAM_SHARES.values()))
    weights: Floats = shares @ (wanted / shares.mean(axis=0))
    weights /= weights.mean()
    return weights


def best_sharpness(scores: Floats, targets: Floats, weights: Floats | None = None) -> float:
    """The factor under which the softmax of `scores` fits `targets` best."""
    shares = np.ones(len(scores)) if weights is None else weights
    found = minimize_scalar(
        lambda sharpness: _cross_entropy(scores * sharpness, targets, shares),
        bounds=(1.0, 40.0),
        method="bounded",
    )
    return float(found.x)


def _signs(scores: Floats, category_chances: Floats) -> Floats:
    """What tells how sure a decision is: the chance of the category, its lead, the type's."""
    chances = np.sort(category_chances, axis=1)
    kinds = np.sort(scores, axis=1)
    odds = np.log(chances[:, -1] + 1e-6) - np.log(1 - chances[:, -1] + 1e-6)
    lead = chances[:, -1] - chances[:, -2]
    return np.stack(
        [np.ones(len(scores)), odds, lead, kinds[:, -1], kinds[:, -1] - kinds[:, -2]], axis=1
    )


def _cross_entropy(logits: Floats, targets: Floats, weights: Floats) -> float:
    chances = np.clip(softmax(logits), 1e-9, None)
    return float(-(weights * (targets * np.log(chances)).sum(axis=1)).mean())


def _logistic(signs: Floats, right: Floats, weights: Floats) -> Sequence[float]:
    def loss(values: Floats) -> tuple[float, Floats]:
        logits = signs @ values
        chances = _sigmoid(logits)
        cost = weights * (np.logaddexp(0.0, logits) - right * logits)
        slope = signs.T @ (weights * (chances - right)) / len(right)
        return float(cost.mean() + _RIDGE * values @ values), slope + 2 * _RIDGE * values

    found = minimize(loss, np.zeros(signs.shape[1]), jac=True, method="L-BFGS-B")
    return [float(value) for value in found.x]


def _sigmoid(values: Floats) -> Floats:
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(values, -40.0, 40.0)))
    return result
