"""Places in a text: town and village codes, what they are to the speaker, address detail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.nlu import addresses
from bot.nlu.gazetteer import Gazetteer, load
from bot.nlu.place_matching import Hit, find
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
_ADJACENT = re.compile(
    r"(?:东莞市?)?[ ，,、的·\-—/]{0,2}(?:那个|这个|这边的?|那边的?|镇区|里面|边的?|嗰边|呢边)?[ ，,、]?"
)
# 某某县, 某某乡 right before a name: a place of the same name elsewhere.
_OTHER_DISTRICT = re.compile(r"[\u4e00-\u9fffA-Z0-9](?:省|县|乡|自治区|自治州|(?<!莞)市)$")
_CHAIN_BREAK = re.compile(
    r"[，,。！!？?；;\n]|来|到|在|住|搬|去|回|转|现|从|跟|和|与|嫁|户口|户籍|人|的"
)
_ROAD_AFTER = re.compile(
    r"(?:[东南西北中一二三四五六七八九十横前后新旧上下左右正内外0-9]{0,2}(?:大道|大街|路(?!口|段|边|灯|面|上|很|烂|都|窄|又|旁|中间|没|有|坏|塌|不)|街(?!坊|上|道|口|灯)|巷(?!子|口|里|尾|头)|桥(?!头)|站|高速|水库|隧道|立交|河(?!边|涌|里|堤|水)))"
)
_BUSINESS_AFTER = re.compile(
    r"(?:[\u4e00-\u9fff]{0,4}(?:国际|花园|豪庭|华庭|广场|酒店|宾馆|公司|集团|电子|塑胶|五金|大厦|城市|银行|酒楼|餐厅|饭店|药房|百货|商场|时代|名城|雅苑|山庄|家园|公馆|一期|二期|三期|小区|学校|中学|大学|学院|幼儿园|医院|牌|股份|手机|物流|快递|超市|科技|集成|证券|保险|电视|卫视))"
)
_FIRM_AFTER = re.compile(
    r"(?:国际|花园|豪庭|华庭|广场|酒店|宾馆|公司|集团|大厦|银行|酒楼|名城|一期|二期|小区|股份|手机|电视)"
)
_PLACE_WORD_AFTER = re.compile(
    r"^(?:的|嘅|这边|那边|这里|那里|呢边|嗰边|呢度|嗰度|这|那)?(?:市场|菜市|公园|文化|广场|小学|祠堂|牌坊|牌楼|工业|篮球场|球场|老人|活动室|村口|村里|村委|路口|巷|一巷|二巷|三巷|路段|周边|附近|一带|这一带|那一带|"
    r"这边|那边|这里|那里|呢边|嗰边|呢度|嗰度|里面|新村|旧村|老村|老围|围|坊|河|涌|桥|大桥|出租屋|老街|老屋|卫生站|幸福|门口|后面|对面|旁边|旁|边上|口|片区|个|有个|有人|啲|条|道路|居民|村民|街坊|戒|低收入|能|要|想|几|[\u4e00-\u9fff]{1,3}(?:路|街|大道|巷)(?!灯|面|口))"
)
_PLACE_WORD_BEFORE = re.compile(
    r"(?:我们|我哋|咱们?|我在|住在?|家在|家住|位于|地址|地点|我是|我系|在|喺|来自|这里是|就在|就系|东莞市?|租住|本|屋企喺|我们是|我哋系|反映|关于|投诉|建议|希望|请|麻烦|整个|全|成个|那个|这个|到|回|返|去)$"
)
_COURTESY = re.compile(
    r"^(?:就?是|在|喺|系|我在|我们?是?|我住|住在?|嗯|呃|那个|这个|那里|应该是|哦|啊|地址|地点|位置|村|镇|东莞市?|广东省?|[：:，,。 ])*|(?:的|啊|呀|吧|啦|咯|啰|囉|呢|哦|喔|这边|那边|那块|那里|这里|附近|一带|呢边|嗰边|度|里|村|镇|社区|[，,。！!~～ ])*$"
)


def extract(text: str) -> list[Place]:
    """The places of `text`, left to right. Ordinary words give nothing."""
    places = load()
    hits = _mark_elsewhere(text, find(text))
    spoken = [hit for hit in hits if hit.elsewhere or _is_meant(text, hit, hits, places)]
    joined = _join(text, spoken, places)
    return [_finish(text, place, joined) for place in joined]


def principal(places: Sequence[Place], start: int = 0, end: int | None = None) -> Place | None:
    """The place the request is about: the heaviest inside [start, end), else of the whole text."""
    usable = [place for place in places if place.role == "request"]
    inside = [p for p in usable if p.start >= start and (end is None or p.start < end)]
    pool = inside or usable or [place for place in places if place.role == "origin"]
    return max(pool, key=_rank, default=None)


def _rank(place: Place) -> tuple[int, int]:
    detail = 3 if place.village else 1 if place.candidates else 0
    return place.weight + detail, -place.start


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


def _is_meant(text: str, hit: Hit, hits: Sequence[Hit], places: Gazetteer) -> bool:
    """Whether a name found is a place here and not an ordinary word or part of another name."""
    if hit.town and not hit.suffix:
        beside = _has_village_behind(text, hit, hits, places) or _is_village_of_previous(
            text, hit, hits, places
        )
        if not hit.aligned:
            return beside
        ordinary = hit.name in places.ordinary_towns
        return beside or not ordinary or _town_context(text, hit)
    if hit.town:
        return True
    if _town_before(text, hit, hits, places):
        return _holds_beside_town(text, hit, places)
    if _is_whole(text, hit):
        return True
    ordinary = hit.name in places.ordinary_villages
    if hit.suffix:
        return hit.aligned or not ordinary
    if not hit.aligned or _ROAD_AFTER.match(text, hit.end):
        return False
    if not ordinary:
        return True
    return _in_place_context(text, hit)


def _holds_beside_town(text: str, hit: Hit, places: Gazetteer) -> bool:
    """Behind its town a village is meant unless it begins the name of a road or a firm."""
    if hit.suffix:
        return True
    if hit.name in places.ordinary_villages:
        return not (_ROAD_AFTER.match(text, hit.end) or _FIRM_AFTER.match(text, hit.end))
    return not _ROAD_AFTER.match(text, hit.end)


def _is_whole(text: str, hit: Hit) -> bool:
    bare = _COURTESY.sub("", text)
    return bare == text[hit.start : hit.end] or bare == hit.name


def _in_place_context(text: str, hit: Hit) -> bool:
    """An ordinary word as a village: said like a place and followed by something found there."""
    if _BUSINESS_AFTER.match(text, hit.end):
        return False
    before = text[max(0, hit.start - 6) : hit.start]
    opens = (
        not before
        or before[-1] in "，,。！!？?；;\n ：:"
        or bool(_PLACE_WORD_BEFORE.search(before))
    )
    return opens and bool(_PLACE_WORD_AFTER.match(text[hit.end : hit.end + 8]))


def _town_context(text: str, hit: Hit) -> bool:
    before = text[max(0, hit.start - 6) : hit.start]
    after = text[hit.end : hit.end + 6]
    if re.search(r"东莞市?$", before) or _is_whole(text, hit):
        return True
    if re.match(
        r"(?:镇|人民|医院|政府|车站|派出所|中学|莲湖|这边|呢边|人|户口|打工|上班|开店|租房|工业)",
        after,
    ):
        return not re.search(r"[这那的座条个公大小老旧新村路河口]$", before)
    return False


def _gap(text: str, first: Hit, second: Hit) -> bool:
    """Whether `second` directly follows `first`, perhaps over a comma or 那边."""
    between = text[first.end : second.start]
    return len(between) <= 6 and bool(_ADJACENT.fullmatch(between))


def _villages_in(hit: Hit, town: str | None, places: Gazetteer) -> tuple[str, ...]:
    return tuple(code for code in hit.villages if places.villages[code].town == town)


def _town_before(text: str, hit: Hit, hits: Sequence[Hit], places: Gazetteer) -> bool:
    return any(
        other.town
        and other.end <= hit.start
        and _gap(text, other, hit)
        and _villages_in(hit, other.town, places)
        for other in hits
    )


def _has_village_behind(text: str, town: Hit, hits: Sequence[Hit], places: Gazetteer) -> bool:
    return any(
        hit.start >= town.end and _gap(text, town, hit) and _villages_in(hit, town.town, places)
        for hit in hits
    )


def _is_village_of_previous(text: str, hit: Hit, hits: Sequence[Hit], places: Gazetteer) -> bool:
    return bool(hit.villages) and _town_before(text, hit, hits, places)


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
            and _gap(text, hit, following)
            and _villages_in(following, hit.town, places)
        ):
            codes = _villages_in(following, hit.town, places)
            joined.append(_place(text, hit.start, following.end, hit.town, codes, "request"))
            index += 1
        elif hit.town:
            joined.append(_place(text, hit.start, hit.end, hit.town, (), "request"))
        else:
            joined.append(_lone_village(text, hit, hits, places))
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
            codes = _villages_in(hit, named[0], places)
        elif denied := {o.town for o in hits if o.town in towns and _denied(text, o)}:
            codes = (
                tuple(code for code in codes if places.villages[code].town not in denied) or codes
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


def _finish(text: str, place: Place, joined: Sequence[Place]) -> Place:
    """Role, weight and the address detail that follows the place."""
    if place.role == "other_city":
        return place
    role, weight = _around(text, place.start, place.end)
    limit = min((other.start for other in joined if other.start > place.start), default=len(text))
    address = addresses.after(text, place.end, limit) if role == "request" else None
    return replace(place, role=role, weight=weight, address=address)
