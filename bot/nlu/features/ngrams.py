"""TF-IDF over character n-grams and words, stored as JSON and NumPy arrays."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import jieba
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from bot.nlu.features.surface import surface

Weights = NDArray[np.float32]

LONGEST_NGRAM = 4


@lru_cache(maxsize=1)
def _segmenter() -> jieba.Tokenizer:
    """A private jieba: nobody else's added words change the features."""
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer


def words(text: str) -> list[str]:
    """The words of `text`, in order; together they are the text."""
    return list(_segmenter().cut(text, HMM=False))


def word_counts() -> list[tuple[str, int]]:
    """Every word of the dictionary with how often it was seen where that was counted."""
    return [(word, count) for word, count in _segmenter().FREQ.items() if count]


def analyze(text: str) -> Iterable[str]:
    """Character n-grams of 1 to `LONGEST_NGRAM`, words (marked w) and pairs of words (marked p)."""
    text = surface(text)
    for stretch in text.split():
        for n in range(1, LONGEST_NGRAM + 1):
            for at in range(len(stretch) - n + 1):
                yield stretch[at : at + n]
    found = [word for word in words(text) if word.strip()]
    for word in found:
        if len(word) > 1:
            yield "w" + word
    for first, second in pairwise(found):
        yield f"p{first} {second}"


class Ngrams:
    """A fitted vocabulary: texts become rows of a sparse matrix of unit length.

    Counts are damped (1 + log) and weighted by inverse document frequency.
    """

    def __init__(self, min_count: int = 2) -> None:
        self._counter = CountVectorizer(analyzer=analyze, min_df=min_count, dtype=np.float32)
        self.idf: Weights = np.zeros(0, dtype=np.float32)

    def fit(self, texts: Sequence[str]) -> csr_matrix:
        """Learns vocabulary and frequencies; features in fewer than `min_count` texts are left."""
        counts = self._counter.fit_transform(texts)
        present = np.bincount(counts.indices, minlength=counts.shape[1])
        self.idf = (np.log((1 + len(texts)) / (1 + present)) + 1).astype(np.float32)
        return self._weighted(counts)

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """Rows in the fitted vocabulary."""
        return self._weighted(self._counter.transform(texts))

    @property
    def index(self) -> dict[str, int]:
        """Column of each feature."""
        vocabulary: dict[str, int] = self._counter.vocabulary_
        return vocabulary

    def save(self, folder: Path) -> None:
        ordered = sorted(self.index, key=self.index.__getitem__)
        (folder / "ngrams.json").write_text(json.dumps(ordered, ensure_ascii=False))
        np.savez(folder / "ngrams.npz", idf=self.idf)

    @classmethod
    def load(cls, folder: Path) -> Ngrams:
        ordered = json.loads((folder / "ngrams.json").read_text())
        made = cls()
        made._counter.vocabulary_ = {feature: at for at, feature in enumerate(ordered)}
        with np.load(folder / "ngrams.npz", allow_pickle=False) as stored:
            made.idf = stored["idf"]
        return made

    def _weighted(self, counts: csr_matrix) -> csr_matrix:
        counts.data = (1 + np.log(counts.data)) * self.idf[counts.indices]
        return normalize(counts, copy=False)
