"""The forms of a text that the models read."""

from __future__ import annotations

import re

from bot.nlu import places
from bot.nlu.dialect import gloss
from bot.nlu.normalization import normalize

_NUMBER = re.compile(r"[+(]?\d[\d\- )]{5,}\d")


def readable(text: str) -> str:
    """The form every part of the model reads: normalised, dialect words in Mandarin."""
    return gloss(normalize(text).text)


def matter(text: str) -> str:
    """What a request says besides where and by whom: no telephone number and no place of the gazetteer.

    A village and a number, which most real messages hold, otherwise weigh in on what is asked.
    """
    shown = _NUMBER.sub("", readable(text))
    kept = shown
    for place in sorted(places.extract(shown), key=lambda place: -place.start):
        kept = kept[: place.start] + kept[place.end :]
    return kept if re.search(r"\w", kept) else shown
