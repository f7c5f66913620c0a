"""How alike two Chinese texts are, without words or models: shared pairs of characters."""

import re

_NOT_WORD = re.compile(r"[\W_\d]+")
LIKELY = 0.18
"""From here on two texts of one type and village may well be the same matter."""


def bigrams(text: str) -> frozenset[str]:
    """All pairs of neighbouring characters, punctuation and digits left out."""
    plain = _NOT_WORD.sub("", text)
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


def similarity(left: str, right: str) -> float:
    """0 to 1: shared pairs over the smaller text's pairs, softened for very short texts."""
    a, b = bigrams(left), bigrams(right)
    if not a or not b:
        return 0.0
    return len(a & b) / (min(len(a), len(b)) + 2)
