"""Where names of towns and villages stand in a text, written right or with a wrong character.

First half of place extraction: finds and weighs names. places.py joins them and decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.nlu import sounds, words
from bot.nlu.gazetteer import Gazetteer, load

_LONGEST = 8
TOWN_SUFFIX = re.compile(r"(?:镇街|镇|街道办事处|街道办|街道|街办|区(?!域|别|间|块链))")
VILLAGE_SUFFIX = re.compile(
    r"(?:社区居民委员会|社区居委会?|社区(?!卫生|医院|服务中心|医生|矫正|民警|警务)|村民委员会|村委会|村委|居民委员会|居委会|居委|村民小组|村小组|行政村|村(?!干部们|支书)|(?=片区)|小组|经联社|生活区)"
)


@dataclass(frozen=True)
class Hit:
    """A name found. `end` includes the suffix; `wrong` counts characters that only sound alike.

    `aligned`: the name does not cut through a word of everyday language.
    """

    start: int
    end: int
    name: str
    town: str | None = None
    villages: tuple[str, ...] = ()
    suffix: str = ""
    wrong: int = 0
    aligned: bool = True
    elsewhere: bool = False


def find(text: str) -> list[Hit]:
    """All names in `text`, left to right, without overlaps; wrong characters only beside a town,
    before 村/社区 or in long names."""
    places = load()
    boundaries = {start for _, start in words.tokens(text)} | {len(text)}
    exact = list(_exact(text, places, boundaries))
    hits = _with_wrong_towns(text, places, exact)
    hits = _with_wrong_villages(text, places, hits)
    return _resolve_suffixes(hits)


def _exact(text: str, places: Gazetteer, boundaries: set[int]) -> Iterator[Hit]:
    position = 0
    while position < len(text):
        hit = _exact_at(text, position, places, boundaries)
        if hit is None:
            position += 1
            continue
        if hit.town or hit.villages or hit.elsewhere:
            yield hit
        position = hit.end


def _exact_at(text: str, start: int, places: Gazetteer, boundaries: set[int]) -> Hit | None:
    """The longest name that starts at `start`; a hit without codes hides what it covers."""
    misaligned: Hit | None = None
    for length in range(min(_LONGEST, len(text) - start), 1, -1):
        name = text[start : start + length]
        if name in places.not_places:
            return Hit(start, start + length, name)
        known = name in places.town_names or name in places.village_names
        if not known and name not in places.elsewhere:
            continue
        aligned = start in boundaries and start + length in boundaries
        if name in places.elsewhere and not known:
            if aligned:
                return Hit(start, start + length, name, elsewhere=True)
            continue
        hit = _with_suffix(text, start, name, places)
        if aligned or hit.suffix:
            return hit
        misaligned = misaligned or replace(hit, aligned=False)
    return misaligned


def _with_suffix(text: str, start: int, name: str, places: Gazetteer, wrong: int = 0) -> Hit:
    """The hit for a name (as the gazetteer spells it) with the office word behind it."""
    end = start + len(name)
    town, villages = places.town_names.get(name), places.village_names.get(name, ())
    town_suffix = TOWN_SUFFIX.match(text, end) if town else None
    if town and _village_of_town_at(text, end, town, places):
        return Hit(start, end, name, town, villages, "", wrong)
    if town_suffix:
        suffix = town_suffix.group()
        return Hit(start, end + len(suffix), name, town, (), suffix, wrong)
    village_suffix = VILLAGE_SUFFIX.match(text, end) if villages else None
    if village_suffix:
        suffix = village_suffix.group()
        return Hit(start, end + len(suffix), name, None, villages, suffix, wrong)
    return Hit(start, end, name, town, villages, "", wrong)


def _village_of_town_at(text: str, start: int, town: str, places: Gazetteer) -> bool:
    """Whether a village whose name begins like an office word follows (横沥|村头, 虎门|镇口)."""
    if text[start : start + 1] not in ("村", "镇", "区", "街"):
        return False
    return any(
        _codes_in(places.village_names.get(text[start : start + length], ()), town, places)
        for length in (2, 3, 4)
    )


# Names by their first and by their second character: one wrong character leaves one of the two.
_Index = tuple[dict[str, list[str]], dict[str, list[str]]]


def _index(names: Iterable[str]) -> _Index:
    first: dict[str, list[str]] = {}
    second: dict[str, list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        first.setdefault(name[0], []).append(name)
        second.setdefault(name[1], []).append(name)
    return first, second


@lru_cache(maxsize=1)
def _indexes() -> tuple[_Index, _Index]:
    """The indexes of the names of towns, and of villages."""
    places = load()
    return _index(places.town_names), _index(places.village_names)


def _sounding(text: str, start: int, index: _Index) -> Iterator[str]:
    """Names that the text at `start` spells with one wrong character of like sound."""
    first, second = index
    for name in first.get(text[start : start + 1], ()):
        if _one_wrong(text, start, name):
            yield name
    for name in second.get(text[start + 1 : start + 2], ()):
        if text[start] != name[0] and _one_wrong(text, start, name):
            yield name


def _one_wrong(text: str, start: int, name: str) -> bool:
    wrong: tuple[str, str] | None = None
    if start + len(name) > len(text):
        return False
    for at, expected in enumerate(name, start):
        if text[at] != expected:
            if wrong is not None:
                return False
            wrong = (text[at], expected)
    return wrong is not None and sounds.alike(*wrong)


def _free(hits: list[Hit], start: int, end: int) -> bool:
    return all(hit.end <= start or end <= hit.start for hit in hits)


def _with_wrong_towns(text: str, places: Gazetteer, hits: list[Hit]) -> list[Hit]:
    """Misspelt towns: accepted before 镇 or before a village of theirs, right or misspelt."""
    found = list(hits)
    index = _indexes()[0]
    for start in range(len(text) - 1):
        for name in _sounding(text, start, index):
            hit = _with_suffix(text, start, name, places, wrong=1)
            if hit.town is None or not _free(found, start, hit.end):
                continue
            strong = hit.suffix in ("镇", "镇街", "街道办", "街道办事处")
            if strong or _village_follows(text, hit, places, hits):
                found.append(replace(hit, villages=()))
                break
    return sorted(found, key=lambda hit: hit.start)


def _village_follows(text: str, town: Hit, places: Gazetteer, hits: list[Hit]) -> bool:
    for hit in hits:
        if hit.start == town.end and _in_town(hit, town.town, places):
            return True
    table = _indexes()[1]
    return any(
        _codes_in(places.village_names[name], town.town, places)
        and not words.is_common(text[town.end : town.end + len(name)], 200)
        for name in _sounding(text, town.end, table)
    )


def _in_town(hit: Hit, town: str | None, places: Gazetteer) -> bool:
    return bool(_codes_in(hit.villages, town, places))


def _codes_in(codes: tuple[str, ...], town: str | None, places: Gazetteer) -> tuple[str, ...]:
    return tuple(code for code in codes if places.villages[code].town == town)


def _with_wrong_villages(text: str, places: Gazetteer, hits: list[Hit]) -> list[Hit]:
    """Misspelt villages: right behind their town, before 村/社区, or of three characters up."""
    found = list(hits)
    for town in hits:
        if town.town is not None and town in found:
            for better in _behind_town(text, town, places, found):
                found = [hit for hit in found if hit.end <= better.start or better.end <= hit.start]
                found.append(better)
    covered = bytearray(len(text) + 1)
    for hit in found:
        covered[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
    for start in range(len(text) - 1):
        if covered[start]:
            continue
        alone = _misspelt_alone(text, start, places)
        if alone is not None and not any(covered[alone.start : alone.end]):
            found.append(alone)
            covered[alone.start : alone.end] = b"\1" * (alone.end - alone.start)
    return sorted(found, key=lambda hit: hit.start)


_GAP = re.compile(r"[的 ，,、那这个]{0,2}(?:镇|街道)?")


def _behind_town(text: str, town: Hit, places: Gazetteer, found: list[Hit]) -> list[Hit]:
    """The misspelt village behind a town; up to all characters wrong when the sound is the same."""
    gap = _GAP.match(text, town.end)
    starts = {town.end, gap.end() if gap else town.end}
    best: Hit | None = None
    for start in starts:
        for village in places.of_town(town.town or ""):
            piece = text[start : start + len(village.name)]
            wrong = _wrong_characters(piece, village.name)
            if wrong is None or wrong == 0:
                continue
            free = _free(found, start, start + len(piece))
            if not free and not (wrong == 1 and _covers(piece, start, found)):
                continue
            if words.is_common(piece, 200 if wrong == 1 and start == town.end else 3):
                continue
            if _word_reaches_over(text, start + len(piece)):
                continue
            if best is None or (wrong, -len(piece)) < (best.wrong, -len(best.name)):
                best = replace(
                    _with_suffix(text, start, village.name, places, wrong),
                    town=None,
                    villages=(village.code,),
                )
    return [best] if best else []


def _covers(piece: str, start: int, found: list[Hit]) -> bool:
    """Whether a long misspelt name holds whole the shorter names found in its place."""
    end = start + len(piece)
    over = [hit for hit in found if hit.start < end and start < hit.end]
    exact = any(hit.start == start and hit.end >= end for hit in over)
    return len(piece) >= 3 and not exact and all(start <= h.start and h.end <= end for h in over)


def _word_reaches_over(text: str, end: int) -> bool:
    """Whether an everyday word reaches over `end` (横沥新|世纪 is no 新四)."""
    pieces = (text[end - back : end + ahead] for back in (1, 2) for ahead in (1, 2))
    return any(len(piece) > 1 and words.is_common(piece, 300) for piece in pieces)


def _wrong_characters(piece: str, name: str) -> int | None:
    """How many characters differ; None unless all sound alike (two or more: sound the same)."""
    if len(piece) != len(name):
        return None
    pairs = [(one, other) for one, other in zip(piece, name, strict=True) if one != other]
    if len(pairs) == 1:
        return 1 if sounds.alike(*pairs[0]) else None
    if all(sounds.same(one, other) for one, other in pairs):
        return len(pairs)
    return None


def _misspelt_alone(text: str, start: int, places: Gazetteer) -> Hit | None:
    for name in _sounding(text, start, _indexes()[1]):
        piece = text[start : start + len(name)]
        hit = _with_suffix(text, start, name, places, wrong=1)
        if name in places.ordinary_villages and not hit.suffix:
            continue
        if len(name) == 2 and hit.suffix not in ("村", "社区", "村委", "村委会", "居委会"):
            continue
        limit = 60 if hit.suffix and all(map(sounds.same, piece, name)) else 3
        if words.is_common(piece, limit) or _cuts_words(text, start, start + len(piece), limit):
            continue
        town = places.town_names.get(name) if len(name) > 2 else None
        return replace(hit, town=town, villages=() if town else hit.villages)
    return None


def _cuts_words(text: str, start: int, end: int, limit: int) -> bool:
    """Whether a word of everyday language reaches over an edge of, or makes up, the piece."""
    window = max(0, start - 3)
    around = text[window : end + 3]
    edges = {window + at for _, at in words.tokens(around)} | {window + len(around)}
    inside = [word for word, at in words.tokens(text[start:end]) if len(word) > 1]
    return start not in edges or end not in edges or any(words.is_common(w, limit) for w in inside)


def _resolve_suffixes(hits: list[Hit]) -> list[Hit]:
    """社区 names a community where both a community and a village bear the name."""
    places = load()
    resolved = []
    for hit in hits:
        if hit.suffix.startswith(("社区", "居")) and len(hit.villages) > 1:
            urban = tuple(code for code in hit.villages if not places.villages[code].rural)
            hit = replace(hit, villages=urban or hit.villages)
        resolved.append(hit)
    return resolved
