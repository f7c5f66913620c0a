"""Places in a text: town and village codes, what they are to the speaker, address detail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.nlu import addresses
from bot.nlu.gazetteer import Gazetteer, load
from bot.nlu.place_matching import Hit, find
from bot.nlu.place_meaning import beside, follows, is_meant, villages_in
from bot.nlu.place_roles import Role, weigh


@dataclass(frozen=True)
class Place:
    """A place named in the text. Codes as strings; `candidates` when the name is in two towns
    (then `town` and `village` are None). `weight`: how likely the matter is here."""

    town: str | None
    village: str | None
    candidates: tuple[str, ...]
    address: str | None
    start: int
    end: int
    text: str
    role: Role
    weight: int = 0


_SENTENCE_END = re.compile(r"[。！!？?\n；;]")
# 某某县, 某某乡 right before a name: a place of the same name elsewhere.
_OTHER_DISTRICT = re.compile(r"[\u4e00-\u9fffA-Z0-9](?:省|县|乡|自治区|自治州|(?<!莞)市)$")
_CHAIN_BREAK = re.compile(
    r"[，,。！!？?；;\n]|来|到|在|住|搬|去|回|转|现|从|跟|和|与|嫁|户口|户籍|人|的"
)
# 潢涌村口: the entrance of the village, not only the village
_AT_VILLAGE_EDGE = re.compile(r"村(?:口|头|尾)")
_ROAD_OR_FIRM = re.compile(r"[\u4e00-\u9fff]{0,2}(?:路|街|巷|桥|公司|集团|花园|酒店|医院|学校)")
# a kind of settlement more than a name: every village that ends so may be meant
_KIND_OF_VILLAGE = "新村"
# How many names to each side are looked at together with one.
_NEAR = 3
_AROUND = 30


def extract(text: str) -> list[Place]:
    """The places of `text`, left to right. Ordinary words give nothing."""
    places = load()
    hits = _mark_elsewhere(text, find(text))
    spoken = [
        hit
        for index, hit in enumerate(hits)
        if hit.elsewhere or is_meant(text, hit, _window(hits, index, _NEAR), places)
    ]
    joined = _join(text, spoken, places)
    limits = [*(place.start for place in joined[1:]), len(text)][: len(joined)]
    unmeant = [hit for hit in hits if hit.villages and hit not in spoken]
    whole = [
        _with_unknown_village(text, _finish(text, place, limit), unmeant)
        for place, limit in zip(joined, limits, strict=True)
    ]
    return [_with_address(place, whole) for place in whole]


def _with_unknown_village(text: str, place: Place, unmeant: Sequence[Hit]) -> Place:
    """樟木头的新村: a village's name that the list does not have in this town stays as detail."""
    if place.role != "request" or place.village or place.address or not place.town:
        return place
    for hit in unmeant:
        if hit.start >= place.end and beside(text[place.end : hit.start]):
            detail = text[hit.start : hit.end]
            return place if _ROAD_OR_FIRM.match(text, hit.end) else replace(place, address=detail)
    return place


def _with_address(place: Place, others: Sequence[Place]) -> Place:
    """A place said twice has the detail that was told with one of the two."""
    if place.address or place.role != "request" or not (place.town or place.candidates):
        return place
    again = next(
        (
            other.address
            for other in others
            if other.address
            and (other.town, other.village, other.candidates)
            == (place.town, place.village, place.candidates)
        ),
        None,
    )
    return replace(place, address=again)


def _window(hits: Sequence[Hit], index: int, reach: int) -> Sequence[Hit]:
    return hits[max(0, index - reach) : index + reach + 1]


def principal(places: Sequence[Place], start: int = 0, end: int | None = None) -> Place | None:
    """The place the request is about: the heaviest inside [start, end), else of the whole text."""
    usable = [place for place in places if place.role == "request"]
    named = [place for place in places if place.role != "negated"]
    inside = [p for p in usable if p.start >= start and (end is None or p.start < end)]
    return max(inside or usable, key=lambda place: _rank(place, named), default=None)


def _rank(place: Place, named: Sequence[Place]) -> tuple[int, int, int]:
    """Weight and detail; of equals the town that is named more often, then the earlier place."""
    detail = 3 if place.village else 1 if place.candidates else 0
    mentions = sum(other.town == place.town for other in named)
    return place.weight + detail, mentions, -place.start


def _mark_elsewhere(text: str, hits: Sequence[Hit]) -> list[Hit]:
    """Names right behind another city (深圳沙井) belong to that city."""
    marked: list[Hit] = []
    for hit in hits:
        previous = marked[-1] if marked else None
        if not hit.elsewhere and _OTHER_DISTRICT.search(text[max(0, hit.start - 8) : hit.start]):
            hit = replace(hit, elsewhere=True)
        elif previous is not None and previous.elsewhere and not hit.elsewhere:
            between = text[previous.end : hit.start]
            if len(between) <= 6 and "东莞" not in between and not _CHAIN_BREAK.search(between):
                hit = replace(hit, elsewhere=True)
        marked.append(hit)
    return marked


def _join(text: str, hits: Sequence[Hit], places: Gazetteer) -> list[Place]:
    """Town and village said together become one place; other names stand alone."""
    joined: list[Place] = []
    index = 0
    while index < len(hits):
        hit = hits[index]
        following = hits[index + 1] if index + 1 < len(hits) else None
        if hit.elsewhere:
            joined.append(_place(text, hit.start, hit.end, None, (), "other_city"))
        elif (
            hit.town
            and following
            and not following.elsewhere
            and follows(text, hit, following)
            and villages_in(following, hit.town, places)
        ):
            codes = villages_in(following, hit.town, places)
            joined.append(_place(text, hit.start, following.end, hit.town, codes, "request"))
            index += 1
        elif hit.town:
            joined.append(_place(text, hit.start, hit.end, hit.town, (), "request"))
        else:
            joined.append(_lone_village(text, hit, _window(hits, index, _AROUND), places))
        index += 1
    return joined


def _place(
    text: str, start: int, end: int, town: str | None, codes: tuple[str, ...], role: Role
) -> Place:
    village = codes[0] if len(codes) == 1 or (codes and town) else None
    candidates = () if village else codes
    return Place(town, village, candidates, None, start, end, text[start:end], role)


def _lone_village(text: str, hit: Hit, hits: Sequence[Hit], places: Gazetteer) -> Place:
    """A village without its town beside it; a town named elsewhere in the text decides."""
    codes = hit.villages
    towns = {places.villages[code].town for code in codes}
    if len(codes) > 1:
        named = [
            other.town
            for other in _by_distance(hit, hits)
            if other.town in towns and not _denied(text, other)
        ]
        if named:
            codes = villages_in(hit, named[0], places)
        elif denied := {o.town for o in hits if o.town in towns and _denied(text, o)}:
            codes = (
                tuple(code for code in codes if places.villages[code].town not in denied) or codes
            )
    if hit.name == _KIND_OF_VILLAGE and not any(other.town for other in hits):
        codes = tuple(
            code for code, village in places.villages.items() if village.name.endswith(hit.name)
        )
    if len(codes) == 1:
        return _place(text, hit.start, hit.end, places.villages[codes[0]].town, codes, "request")
    return _place(text, hit.start, hit.end, None, codes, "request")


def _by_distance(hit: Hit, hits: Sequence[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda other: abs(other.start - hit.start))


def _denied(text: str, hit: Hit) -> bool:
    return _around(text, hit.start, hit.end)[0] == "negated"


def _around(text: str, start: int, end: int) -> tuple[Role, int]:
    before = _SENTENCE_END.split(text[max(0, start - 16) : start])[-1]
    after = _SENTENCE_END.split(text[end : end + 16])[0]
    return weigh(before, after)


def _finish(text: str, place: Place, limit: int) -> Place:
    """Role, weight and the address detail that follows the place."""
    if place.role == "other_city":
        return place
    role, weight = _around(text, place.start, place.end)
    start = place.end - 1 if _AT_VILLAGE_EDGE.match(text, place.end - 1) else place.end
    address = addresses.after(text, start, limit) if role == "request" else None
    return replace(place, role=role, weight=weight, address=address)
