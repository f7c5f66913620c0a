"""Texts to vectors: tokens, embeddings, the graph, unit length."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime

from bot.nlu.e5.graph import INPUT, build
from bot.nlu.e5.tokens import token_ids
from bot.nlu.e5.weights import Floats, ModelFile

PREFIX = "query: "
LONGEST_TOKENS = 320


class E5Network:
    """multilingual-e5-small: mean of the last layer's token states, of unit length.

    Every text runs alone and on one core: its vector depends on nothing else. Many texts run side
    by side on all cores.
    """

    def __init__(self, file: ModelFile) -> None:
        self._file, self.dim = file, file.shape.hidden
        kinds = file.vector("emb.type")[: self.dim]
        self._positions = file.vector("emb.pos").reshape(-1, self.dim) + kinds
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            build(file), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str]) -> Floats:
        """Float32 of shape (len(texts), 384). Of long texts the beginning and the end are read."""
        if len(texts) < 2:
            vectors = [self._encode_one(text) for text in texts]
        else:
            with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
                vectors = list(pool.map(self._encode_one, texts))
        return np.stack(vectors) if vectors else np.zeros((0, self.dim), dtype=np.float32)

    def _encode_one(self, text: str) -> Floats:
        pieces = self._file.pieces
        inside = _fitted(token_ids(PREFIX + text, pieces))
        ids = np.array([pieces.begin, *inside, pieces.end], dtype=np.int64)
        states = self._file.words(ids) + self._positions[: len(ids)]
        vector: Floats = self._session.run(None, {INPUT: states[None]})[0][0]
        return vector / np.linalg.norm(vector)


def _fitted(ids: list[int]) -> list[int]:
    """At most `LONGEST_TOKENS`: two thirds from the beginning, the rest from the end."""
    if len(ids) <= LONGEST_TOKENS:
        return ids
    head = LONGEST_TOKENS * 2 // 3
    return ids[:head] + ids[head - LONGEST_TOKENS :]
