"""What is said about going on elsewhere: leaving, bringing the code, taking up what was offered. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from actions.intake.draft import Draft
from actions.turn import Turn
from actions.wordlist import Wordlist

LEAVE, TAKE = "leave_here", "take_over"
"""What a message means that is for this part; heard here, never by the model."""
_LONGEST = 40
_NOISE = re.compile(r"[\s\W_]+")
_SPOKEN = str.maketrans("零〇一二三四五六七八九幺", "001234567891")
_WORDS = Wordlist(__file__)


def meaning(turn: Turn, draft: Draft) -> str | None:
    """Whether the citizen leaves for another channel, or goes on here with what is open elsewhere."""
    if turn.case_numbers:
        return None
    plain = _plain(turn.text)
    if brought_code(turn.text, draft):
        return TAKE
    if len(plain) <= _LONGEST and _leaves(plain, draft):
        return LEAVE
    if draft.items:
        return None
    if _WORDS.says("goes_on", plain) and (draft.offered or _may_hold_one(turn, draft)):
        return TAKE
    return TAKE if draft.offered and turn.yes and not turn.brings_ours else None


def brought_code(text: str, draft: Draft) -> str | None:
    """The digits after “接着”, typed or spoken; alone, six count where nothing else is open."""
    plain = _plain(text).translate(_SPOKEN)
    free = not draft.items and draft.asked in (None, "detail")
    for kind in ("brings", "bare") if free else ("brings",):
        match = re.search(_WORDS.table[kind], plain)
        if match:
            return match["code"]
    return None


def _leaves(plain: str, draft: Draft) -> bool:
    if not draft.items:
        return _WORDS.says("names_code", plain)
    return any(pattern.search(plain) for pattern in _leaving())


def _may_hold_one(turn: Turn, draft: Draft) -> bool:
    """Whoever writes from a telephone may have a draft elsewhere that gives its number."""
    return turn.number_known and not draft.dropped and draft.asked is None


@lru_cache(maxsize=1)
def _leaving() -> tuple[re.Pattern[str], ...]:
    place = _WORDS.table["place"]
    return tuple(re.compile(words.replace("{place}", place)) for words in _WORDS.table["leaves"])


def _plain(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text))
