"""From raw scores to a decision: a second, small model over what the first said of every type.

Kernel regression scores each type alone. That types are mistaken for each other in one direction
more than in the other, and how far a weak score for one speaks against its neighbours, shows only
in the scores of texts left out; two multinomial regressions learn it from them, one for the
category and one for the type. Both are convex: no seed, the same scores give the same model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]

_CATEGORY_RIDGE = 0.01
_TYPE_RIDGE = 0.003
_LEAST_CHANCE = 0.02
_STEPS = 100
_FOLDS = 5


@dataclass(frozen=True)
class Layer:
    """A multinomial regression: standardised features times `weights`, first row the constant."""

    centre: Floats
    scale: Floats
    weights: Floats

    def logits(self, features: Floats) -> Floats:
        """Shape (texts, outcomes)."""
        result: Floats = (features - self.centre) / self.scale @ self.weights[1:] + self.weights[0]
        return result


@dataclass(frozen=True)
class Decision:
    """Chances of types and of categories. `members` is the 0/1 matrix of labels by categories."""

    sharpness: float
    members: Floats
    types: Layer
    categories: Layer

    def type_chances(self, scores: Floats) -> Floats:
        """Scores of shape (texts, labels) as probabilities of each type."""
        return softmax(scores * self.sharpness + self.types.logits(scores))

    def category_chances(self, scores: Floats) -> Floats:
        """Shape (texts, categories); the largest decides."""
        return softmax(
            self.categories.logits(category_features(scores, self.sharpness, self.members))
        )

    def arrays(self) -> dict[str, Floats]:
        """Everything to be stored but `members`."""
        layers = {"types": self.types, "categories": self.categories}
        parts = {f"{name}.{k}": v for name, layer in layers.items() for k, v in vars(layer).items()}
        return {"sharpness": np.array(self.sharpness), **parts}

    @classmethod
    def restored(cls, arrays: Mapping[str, Floats], members: Floats) -> Decision:
        """The decision that `arrays` was made from."""
        types, categories = (
            Layer(*(arrays[f"{name}.{part}"] for part in ("centre", "scale", "weights")))
            for name in ("types", "categories")
        )
        return cls(float(arrays["sharpness"]), members, types, categories)


def fit_decision(
    scores: Floats, targets: Floats, members: Floats, weights: Floats, sharpness: float
) -> Decision:
    """`scores` of texts left out, `targets` their soft labels, `weights` what each text counts."""
    features = category_features(scores, sharpness, members)
    return Decision(
        sharpness,
        members,
        _fit_layer(scores, scores * sharpness, targets, weights, _TYPE_RIDGE),
        _fit_categories(features, targets @ members, weights),
    )


def crossed_category_chances(
    scores: Floats, targets: Floats, members: Floats, weights: Floats, sharpness: float
) -> Floats:
    """Category chances of each text by decisions fitted without it: what calibration stands on."""
    features, shares = category_features(scores, sharpness, members), targets @ members
    fold = np.arange(len(scores)) % _FOLDS
    chances = np.zeros_like(shares)
    for number in range(_FOLDS):
        kept = fold != number
        layer = _fit_categories(features[kept], shares[kept], weights[kept])
        chances[~kept] = softmax(layer.logits(features[~kept]))
    return chances


def category_features(scores: Floats, sharpness: float, members: Floats) -> Floats:
    """What the category is decided on: each type's score, each category's best and its chances."""
    chances = softmax(scores * sharpness) @ members
    best = np.stack([scores[:, column > 0].max(axis=1) for column in members.T], axis=1)
    return np.concatenate([scores, best, chances, np.log(chances + _LEAST_CHANCE)], axis=1)


def softmax(values: Floats) -> Floats:
    """Row by row."""
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    result: Floats = raised / raised.sum(axis=1, keepdims=True)
    return result


def _fit_categories(features: Floats, shares: Floats, weights: Floats) -> Layer:
    return _fit_layer(features, np.zeros_like(shares), shares, weights, _CATEGORY_RIDGE)


def _fit_layer(
    features: Floats, base: Floats, targets: Floats, weights: Floats, ridge: float
) -> Layer:
    """Fits what is to be added to the logits `base`; the constant is held back like the rest."""
    centre, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    inputs = np.concatenate([np.ones((len(features), 1)), (features - centre) / scale], axis=1)
    shape, shares = (inputs.shape[1], targets.shape[1]), weights / weights.sum()

    def loss(flat: Floats) -> tuple[float, Floats]:
        values = flat.reshape(shape)
        chances = softmax(base + inputs @ values)
        misses = -(shares * (targets * np.log(chances + 1e-12)).sum(axis=1)).sum()
        slope = inputs.T @ ((chances - targets) * shares[:, None]) + 2 * ridge * values
        return float(misses + ridge * (values**2).sum()), slope.ravel()

    start = np.zeros(shape[0] * shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    return Layer(centre, scale, found.x.reshape(shape))
