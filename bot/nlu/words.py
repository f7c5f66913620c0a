"""Word segmentation with a private jieba dictionary: its own words, no global state."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import lru_cache

import jieba

from bot.nlu import gazetteer
from bot.nlu.lexicon import read_words

WORDS_FILE = "words.txt"
FILES = (WORDS_FILE, *gazetteer.FILES)

# Frequencies against jieba's own (60 million): high enough to beat single characters, low enough
# to lose against ordinary words that overlap (石|排行, 家长|安全).
_PLACE_FREQUENCY = 50
_WORD_FREQUENCY = 300


@lru_cache(maxsize=1)
def tokenizer() -> jieba.Tokenizer:
    """The tokenizer with the words of the gazetteer and of data/lexicon/words.txt."""
    logging.getLogger("jieba").setLevel(logging.WARNING)
    own = jieba.Tokenizer()
    own.initialize()
    places = gazetteer.load()
    for word in read_words(WORDS_FILE):
        own.add_word(word, max(_WORD_FREQUENCY, own.FREQ.get(word, 0)))
    for name in [*places.town_names, *places.village_names, *places.elsewhere, *places.not_places]:
        own.add_word(name, max(_PLACE_FREQUENCY, own.FREQ.get(name, 0)))
    return own


def tokens(text: str) -> Iterator[tuple[str, int]]:
    """Words of `text` with their start; no guessing of unknown words, spaces are kept."""
    start = 0
    for word in tokenizer().cut(text, HMM=False):
        yield word, start
        start += len(word)


def is_common(word: str, at_least: int = 30) -> bool:
    """Whether jieba's general dictionary counts `word` at least so often."""
    return bool(tokenizer().FREQ.get(word, 0) >= at_least)
