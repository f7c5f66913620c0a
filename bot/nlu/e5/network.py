"""The transformer as one TensorFlow graph: token ids in, one unit vector a text out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from bot.nlu.e5.tokens import token_ids
from bot.nlu.e5.weights import Floats, ModelFile

PREFIX = "query: "
LONGEST_TOKENS = 320
_TOKENS_PER_BATCH = 2048


class E5Network(tf.Module):  # type: ignore[misc]
    """multilingual-e5-small: mean of the last layer's token states, of unit length.

    Matrices are multiplied in bfloat16 where the processor has instructions for it (AMX), in
    float32 elsewhere: vectors of the two agree to about 0.999 in cosine.
    """

    def __init__(self, file: ModelFile) -> None:
        super().__init__()
        self._file, self.dim = file, file.shape.hidden
        self._type = tf.bfloat16 if _has_bfloat16() else tf.float32
        self._positions = file.vector("emb.pos").reshape(-1, self.dim)
        self._positions = self._positions + file.vector("emb.type")[: self.dim]
        self._first_norm = self._pair("emb.ln.w", "emb.ln.b")
        self._layers = [self._layer(number) for number in range(file.shape.layers)]
        self._run = tf.function(
            self._forward,
            input_signature=[
                tf.TensorSpec((None, None, self.dim), tf.float32),
                tf.TensorSpec((None,), tf.int32),
            ],
        )

    def encode(self, texts: Sequence[str]) -> Floats:
        """Float32 of shape (len(texts), 384). Of long texts the beginning and the end are read."""
        pieces = self._file.pieces
        inputs = [
            [pieces.begin, *_fitted(token_ids(PREFIX + text, pieces)), pieces.end] for text in texts
        ]
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for rows in _batches([len(ids) for ids in inputs]):
            vectors[rows] = self._encode_batch([inputs[row] for row in rows])
        return vectors

    def _encode_batch(self, inputs: Sequence[Sequence[int]]) -> Floats:
        lengths = np.array([len(ids) for ids in inputs], dtype=np.int32)
        padded = np.zeros((len(inputs), int(lengths.max())), dtype=np.int64)
        for row, ids in enumerate(inputs):
            padded[row, : len(ids)] = ids
        states = self._file.words(padded) + self._positions[: padded.shape[1]]
        vectors: Floats = self._run(tf.constant(states), tf.constant(lengths)).numpy()
        return vectors

    def _layer(self, number: int) -> dict[str, Any]:
        shape, name = self._file.shape, f"l{number}."
        query_key_value = [(f"{name}{part}.w", f"{name}{part}.b") for part in "qkv"]
        return {
            "attend": (
                self._weight(
                    np.concatenate(
                        [self._file.matrix(w, shape.hidden) for w, _ in query_key_value], axis=1
                    )
                ),
                tf.constant(np.concatenate([self._file.vector(b) for _, b in query_key_value])),
            ),
            "merge": self._dense(f"{name}ao", shape.hidden),
            "widen": self._dense(f"{name}fi", shape.inner),
            "narrow": self._dense(f"{name}fo", shape.hidden),
            "norm": self._pair(f"{name}aln.w", f"{name}aln.b"),
            "last_norm": self._pair(f"{name}oln.w", f"{name}oln.b"),
        }

    def _dense(self, name: str, outputs: int) -> tuple[Any, Any]:
        weight = self._weight(self._file.matrix(f"{name}.w", outputs))
        return weight, tf.constant(self._file.vector(f"{name}.b"))

    def _pair(self, weight: str, bias: str) -> tuple[Any, Any]:
        return tf.constant(self._file.vector(weight)), tf.constant(self._file.vector(bias))

    def _weight(self, matrix: Floats) -> Any:
        return tf.cast(tf.constant(matrix), self._type)

    def _times(self, left: Any, right: Any, **options: bool) -> Any:
        product = tf.matmul(tf.cast(left, self._type), tf.cast(right, self._type), **options)
        return tf.cast(product, tf.float32)

    def _norm(self, states: Any, pair: tuple[Any, Any]) -> Any:
        centred = states - tf.reduce_mean(states, axis=-1, keepdims=True)
        spread = tf.reduce_mean(tf.square(centred), axis=-1, keepdims=True)
        return centred * tf.math.rsqrt(spread + self._file.shape.epsilon) * pair[0] + pair[1]

    def _forward(self, states: Any, lengths: Any) -> Any:
        batch, longest = tf.shape(states)[0], tf.shape(states)[1]
        present = tf.sequence_mask(lengths, longest, dtype=tf.float32)
        hidden = self._norm(tf.reshape(states, (-1, self.dim)), self._first_norm)
        absent = (present[:, None, None, :] - 1.0) * 1e9
        for layer in self._layers:
            mixed = self._attend(hidden, layer, absent, batch, longest)
            hidden = self._norm(hidden + mixed, layer["norm"])
            wide = self._times(hidden, layer["widen"][0]) + layer["widen"][1]
            wide = tf.nn.gelu(wide, approximate=True)
            narrow = self._times(wide, layer["narrow"][0]) + layer["narrow"][1]
            hidden = self._norm(hidden + narrow, layer["last_norm"])
        states = tf.reshape(hidden, (batch, longest, self.dim)) * present[:, :, None]
        return tf.math.l2_normalize(tf.reduce_sum(states, axis=1), axis=-1)

    def _attend(
        self, hidden: Any, layer: dict[str, Any], absent: Any, batch: Any, longest: Any
    ) -> Any:
        heads = self._file.shape.heads
        size = self.dim // heads
        packed = self._times(hidden, layer["attend"][0]) + layer["attend"][1]
        packed = tf.transpose(tf.reshape(packed, (batch, longest, 3, heads, size)), (2, 0, 3, 1, 4))
        scores = self._times(packed[0], packed[1], transpose_b=True) / float(np.sqrt(size)) + absent
        context = self._times(tf.nn.softmax(scores), packed[2])
        context = tf.reshape(tf.transpose(context, (0, 2, 1, 3)), (-1, self.dim))
        return self._times(context, layer["merge"][0]) + layer["merge"][1]


def _fitted(ids: list[int]) -> list[int]:
    """At most `LONGEST_TOKENS`: two thirds from the beginning, the rest from the end."""
    if len(ids) <= LONGEST_TOKENS:
        return ids
    head = LONGEST_TOKENS * 2 // 3
    return ids[:head] + ids[head - LONGEST_TOKENS :]


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Rows of similar length together, in an order that depends on the lengths alone."""
    order = sorted(range(len(lengths)), key=lambda row: (lengths[row], row))
    batches: list[list[int]] = []
    for row in order:
        if not batches or (len(batches[-1]) + 1) * lengths[row] > _TOKENS_PER_BATCH:
            batches.append([])
        batches[-1].append(row)
    return batches


def _has_bfloat16() -> bool:
    if os.environ.get("GUANJIA_ENCODER_FLOAT32"):
        return False
    flags = Path("/proc/cpuinfo")
    return flags.exists() and " amx_bf16 " in flags.read_text(encoding="ascii", errors="ignore")
