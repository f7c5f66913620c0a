"""From raw scores to numbers a person may rely on.

Fitted on leave-one-out scores of the examples, weighted to the shares that the categories have in
the real stream: out-of-scope matters are seven of ten there, not four.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

Floats = NDArray[np.float64]

STREAM_SHARES = {"weishishi": 0.13, "weixinyuan": 0.20, "out_of_scope": 0.67}
# of a category's total that comes from the chances of its types: the plain sum hears every type a
# little, which suits long texts; the chances follow the one type that stands out, as short ones do
CHANCE_SHARE = 0.35
_RIDGE = 1e-3


@dataclass(frozen=True)
class Calibration:
    """`sharpness` of the type ranking; `weights` of a logistic model of "the category is right"."""

    sharpness: float
    weights: tuple[float, ...]

    def chances(self, scores: Floats) -> Floats:
        """Scores of shape (texts, labels) as probabilities of each type."""
        return softmax(scores * self.sharpness)

    def totals(self, scores: Floats, members: Floats) -> Floats:
        """What speaks for each category, shape (texts, categories); the largest decides."""
        sums: Floats = (1 - CHANCE_SHARE) * scores + CHANCE_SHARE * self.chances(scores)
        result: Floats = sums @ members
        return result

    def confidence(self, scores: Floats, members: Floats) -> Floats:
        """Probability that the best category is right, for each text."""
        signs = _signs(scores, self.totals(scores, members))
        return _sigmoid(signs @ np.array(self.weights, dtype=float))


def fit_calibration(
    scores: Floats, targets: Floats, members: Floats, accepted: NDArray[np.bool_]
) -> Calibration:
    """`targets` are soft labels, `members` the 0/1 matrix of labels by categories, `accepted`
    (texts, categories) the categories that count as right."""
    weights = _stream_weights(targets @ members)
    sharpness = best_sharpness(scores, targets, weights)
    totals = Calibration(sharpness, ()).totals(scores, members)
    best = totals.argmax(axis=1)
    right = accepted[np.arange(len(best)), best].astype(float)
    return Calibration(sharpness, tuple(_logistic(_signs(scores, totals), right, weights)))


def best_sharpness(scores: Floats, targets: Floats, weights: Floats | None = None) -> float:
    """The factor under which the softmax of `scores` fits `targets` best."""
    shares = np.ones(len(scores)) if weights is None else weights
    found = minimize_scalar(
        lambda sharpness: _cross_entropy(scores * sharpness, targets, shares),
        bounds=(1.0, 40.0),
        method="bounded",
    )
    return float(found.x)


def softmax(values: Floats) -> Floats:
    """Row by row."""
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    result: Floats = raised / raised.sum(axis=1, keepdims=True)
    return result


def _signs(scores: Floats, category_totals: Floats) -> Floats:
    """What tells how sure a decision is: category total and lead, type score and lead."""
    totals = np.sort(category_totals, axis=1)
    kinds = np.sort(scores, axis=1)
    lead = totals[:, -1] - totals[:, -2]
    columns = [np.ones(len(scores)), totals[:, -1], lead, kinds[:, -1], kinds[:, -1] - kinds[:, -2]]
    return np.stack([*columns, np.minimum(lead, 0.3)], axis=1)


def _stream_weights(shares: Floats) -> Floats:
    """Weights that give the categories their shares of the real stream."""
    wanted = np.array(list(STREAM_SHARES.values()))
    weights: Floats = shares @ (wanted / shares.mean(axis=0))
    weights /= weights.mean()
    return weights


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
