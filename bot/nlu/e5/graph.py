"""The transformer as an ONNX graph with 8-bit weights: states of one text in, their mean out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from bot.nlu.e5.weights import Floats, ModelFile

INPUT, OUTPUT = "states", "pooled"
_FUSED = "com.microsoft"


def build(file: ModelFile) -> bytes:
    """A serialised model: float32 (texts, tokens, hidden) to float32 (texts, hidden).

    Matrices are quantised to 8 bits by output column; activations are quantised while running.
    """
    graph = _Graph()
    epsilon, hidden = file.shape.epsilon, file.shape.hidden
    state = graph.add(
        "LayerNormalization",
        [INPUT, *graph.vectors(file, "emb.ln.w", "emb.ln.b")],
        axis=-1,
        epsilon=epsilon,
    )
    for number in range(file.shape.layers):
        state = _layer(graph, file, f"l{number}.", state)
    axis = graph.constant("axis", np.array([1], dtype=np.int64))
    graph.nodes.append(helper.make_node("ReduceMean", [state, axis], [OUTPUT], keepdims=0))
    return graph.serialised(hidden)


class _Graph:
    """Nodes and constants while they are collected."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self._constants: list[Any] = []

    def add(self, kind: str, inputs: list[str], domain: str = "", **attributes: Any) -> str:
        """Appends a node and names its output."""
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], domain=domain, **attributes))
        return name

    def split(self, state: str, parts: int) -> list[str]:
        names = [f"n{len(self.nodes)}_{part}" for part in range(parts)]
        node = helper.make_node("Split", [state], names, axis=-1, num_outputs=parts)
        self.nodes.append(node)
        return names

    def constant(self, name: str, values: NDArray[Any]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def vectors(self, file: ModelFile, *names: str) -> list[str]:
        return [self.constant(name, file.vector(name)) for name in names]

    def dense(self, state: str, name: str, weight: Floats, bias: Floats) -> str:
        """`state @ weight + bias` in 8-bit arithmetic."""
        scale = np.abs(weight).max(axis=0) / 127.0
        rounded = np.clip(np.round(weight / scale), -127, 127).astype(np.int8)
        parts = {
            "weight": rounded,
            "scale": scale.astype(np.float32),
            "zero": np.zeros(len(scale), dtype=np.int8),
            "bias": bias.astype(np.float32),
        }
        constants = [self.constant(f"{name}.{part}", values) for part, values in parts.items()]
        return self.add("DynamicQuantizeMatMul", [state, *constants], _FUSED)

    def serialised(self, hidden: int) -> bytes:
        told = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in ((INPUT, ["texts", "tokens", hidden]), (OUTPUT, ["texts", hidden]))
        ]
        graph = helper.make_graph(self.nodes, "e5", told[:1], told[1:], self._constants)
        sets = [helper.make_opsetid("", 18), helper.make_opsetid(_FUSED, 1)]
        model = helper.make_model(graph, opset_imports=sets, ir_version=8)
        serialised: bytes = model.SerializeToString()
        return serialised


def _layer(graph: _Graph, file: ModelFile, name: str, state: str) -> str:
    hidden, inner, epsilon = file.shape.hidden, file.shape.inner, file.shape.epsilon
    weight = np.concatenate([file.matrix(f"{name}{part}.w", hidden) for part in "qkv"], axis=1)
    bias = np.concatenate([file.vector(f"{name}{part}.b") for part in "qkv"])
    parts = graph.split(graph.dense(state, f"{name}qkv", weight, bias), 3)
    context = graph.add("MultiHeadAttention", parts, _FUSED, num_heads=file.shape.heads)
    merged = _dense(graph, file, context, f"{name}ao", hidden)
    normed = graph.add(
        "SkipLayerNormalization",
        [merged, state, *graph.vectors(file, f"{name}aln.w", f"{name}aln.b")],
        _FUSED,
        epsilon=epsilon,
    )
    wide = graph.add("FastGelu", [_dense(graph, file, normed, f"{name}fi", inner)], _FUSED)
    narrow = _dense(graph, file, wide, f"{name}fo", hidden)
    return graph.add(
        "SkipLayerNormalization",
        [narrow, normed, *graph.vectors(file, f"{name}oln.w", f"{name}oln.b")],
        _FUSED,
        epsilon=epsilon,
    )


def _dense(graph: _Graph, file: ModelFile, state: str, name: str, outputs: int) -> str:
    return graph.dense(state, name, file.matrix(f"{name}.w", outputs), file.vector(f"{name}.b"))
