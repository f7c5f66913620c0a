"""Kernel ridge regression from texts to soft labels.

Two kernels are added: a Gaussian one over sentence vectors, which generalises to words that no
example holds, and a linear one over TF-IDF rows, which knows the words that tell neighbouring
types apart. One factorisation solves it: no learning rate, no random seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import strtri
from scipy.sparse import csr_matrix

from bot.nlu.encoder import Vectors

Scores = NDArray[np.float32]

_BLOCK = 512


@dataclass(frozen=True)
class KernelOptions:
    """`sharpness` of the Gaussian kernel, `vector_share` of it in the sum, `ridge` penalty."""

    sharpness: float = 2.0
    vector_share: float = 0.5
    ridge: float = 0.15


class KernelRidge:
    """Scores near the probability of each label; they sum to about one."""

    def __init__(self, options: KernelOptions | None = None) -> None:
        self.options = options or KernelOptions()
        self.centre = np.zeros(0, dtype=np.float32)
        self.anchors = np.zeros((0, 0), dtype=np.float32)
        self.by_anchor = np.zeros((0, 0), dtype=np.float32)
        self.by_ngram = np.zeros((0, 0), dtype=np.float32)
        self.base = np.zeros(0, dtype=np.float32)

    def fit(
        self,
        vectors: Vectors,
        rows: csr_matrix,
        targets: Scores,
        copied: NDArray[np.int64] | None = None,
    ) -> Scores:
        """Fits and returns the leave-one-out scores of the examples.

        The last `len(copied)` of the texts are altered copies: of these examples, by row. An
        example is left out together with its copy; copies get no scores of their own.
        """
        share = self.options.vector_share
        self.centre = vectors.mean(axis=0)
        self.anchors = self._centred(vectors)
        self.base = targets.mean(axis=0)
        kernel = self._gaussian(self.anchors)
        kernel *= share
        kernel += (1.0 - share) * (rows @ rows.T).toarray()
        kernel[np.diag_indices_from(kernel)] += self.options.ridge
        # the transpose is the same matrix in the order of LAPACK: no copy is made
        factor = cho_factor(kernel.T, lower=True, overwrite_a=True, check_finite=False)
        dual = cho_solve(factor, targets - self.base, check_finite=False).astype(np.float32)
        self.by_anchor = dual * share
        self.by_ngram = np.asarray(rows.T @ dual) * (1.0 - share)
        none = np.zeros(0, dtype=np.int64)
        missing = _left_out(factor[0], dual, none if copied is None else copied)
        left_out: Scores = targets[: len(missing)] - missing
        return left_out

    def scores(self, vectors: Vectors, rows: csr_matrix) -> Scores:
        """Shape (texts, labels)."""
        found = self._gaussian(self._centred(vectors)) @ self.by_anchor + self.base
        found += np.asarray(rows @ self.by_ngram)
        return found.astype(np.float32)

    def save(self, path: Path) -> None:
        np.savez(
            path,
            centre=self.centre,
            anchors=self.anchors,
            by_anchor=self.by_anchor,
            by_ngram=self.by_ngram.astype(np.float16),
            base=self.base,
        )

    @classmethod
    def load(cls, path: Path, options: KernelOptions | None = None) -> KernelRidge:
        made = cls(options)
        with np.load(path, allow_pickle=False) as stored:
            made.centre, made.base = stored["centre"], stored["base"]
            made.anchors, made.by_anchor = stored["anchors"], stored["by_anchor"]
            made.by_ngram = stored["by_ngram"].astype(np.float32)
        return made

    def _centred(self, vectors: Vectors) -> Vectors:
        moved = vectors - self.centre
        unit: Vectors = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        return unit

    def _gaussian(self, vectors: Vectors) -> Scores:
        cosine = vectors @ self.anchors.T
        cosine -= 1.0
        cosine *= self.options.sharpness
        kernel: Scores = np.exp(cosine, out=cosine)
        return kernel


def _left_out(factor: Scores, dual: Scores, copied: NDArray[np.int64]) -> Scores:
    """How far each example's target lies from its score without it (and without its copy).

    For one row left out that is its dual by the diagonal of the kernel's inverse; for a pair, the
    two duals by the inverse's 2 x 2 block. The inverse is that of the Cholesky factor, which is
    overwritten, times its transpose.
    """
    inverse, failed = strtri(factor, lower=1, overwrite_c=1)
    if failed:
        raise np.linalg.LinAlgError("singular kernel")
    size = len(dual) - len(copied)
    diagonal, copies = np.empty(len(dual), dtype=np.float32), np.arange(size, len(dual))
    for start in range(0, len(dual), _BLOCK):
        part = np.tril(inverse[start:, start : start + _BLOCK])
        diagonal[start : start + _BLOCK] = np.einsum("ij,ij->j", part, part)
    missing = dual[:size] / diagonal[:size, None]
    # rows below the copy's own hold all that its column has
    cross = np.array(
        [inverse[copy:, at] @ inverse[copy:, copy] for at, copy in zip(copied, copies, strict=True)]
    )
    one, other = diagonal[copied], diagonal[copies]
    numerator = other[:, None] * dual[copied] - cross[:, None] * dual[copies]
    missing[copied] = numerator / (one * other - cross**2)[:, None]
    return missing
