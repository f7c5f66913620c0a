"""XLM-RoBERTa's SentencePiece unigram tokenisation (Viterbi over the piece table)."""

from __future__ import annotations

import re

from bot.nlu.e5.weights import Pieces

_SPACES = re.compile(" {2,}")
_META = "\u2581"
_LONGEST_PIECE = 16
_WORST = -1e30


def token_ids(text: str, pieces: Pieces) -> list[int]:
    """Ids of the pieces of `text`, without begin and end marks."""
    shown = "".join(pieces.replaced.get(ord(character), character) for character in text)
    shown = _SPACES.sub(" ", shown)
    if not shown.startswith(" "):
        shown = " " + shown
    shown = shown.replace(" ", _META)
    best = [0.0] + [_WORST] * len(shown)
    step: list[tuple[int, int]] = [(0, pieces.unknown)] * (len(shown) + 1)
    for start in range(len(shown)):
        here = best[start]
        for end in range(start + 1, min(len(shown), start + _LONGEST_PIECE) + 1):
            known = pieces.table.get(shown[start:end])
            if known is not None and here + known[1] > best[end]:
                best[end] = here + known[1]
                step[end] = (start, known[0])
        if here + pieces.unknown_score > best[start + 1]:
            best[start + 1] = here + pieces.unknown_score
            step[start + 1] = (start, pieces.unknown)
    return _walk_back(step)


def _walk_back(step: list[tuple[int, int]]) -> list[int]:
    ids, end = [], len(step) - 1
    while end > 0:
        end, piece = step[end]
        ids.append(piece)
    return ids[::-1]
