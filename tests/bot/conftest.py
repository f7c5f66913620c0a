"""Third-party packages of the assistant warn while they are imported; ours must not."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import jieba
    import onnx
    import onnxruntime
    import opencc
    import rasa.core.agent
    import tensorflow

__all__ = ["jieba", "onnx", "onnxruntime", "opencc", "rasa", "tensorflow"]
