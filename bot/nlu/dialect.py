"""Cantonese words and their Mandarin glosses (data/lexicon/dialect.yml)."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.nlu.lexicon import read_yaml

DIALECT_FILE = "dialect.yml"


@lru_cache(maxsize=1)
def _table() -> tuple[re.Pattern[str], dict[str, str]]:
    words: dict[str, str] = read_yaml(DIALECT_FILE)["words"]
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), words


def gloss(text: str) -> str:
    """`text` (simplified characters) with dialect words put into Mandarin; offsets are not kept."""
    pattern, words = _table()
    return pattern.sub(lambda match: words[match.group()], text)


def is_dialect(text: str) -> bool:
    """Whether the text holds at least one Cantonese word."""
    return _table()[0].search(text) is not None
