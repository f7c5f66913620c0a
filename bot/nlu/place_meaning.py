"""Whether a name found in a text means the place: not an ordinary word, a road or a firm."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.nlu.gazetteer import Gazetteer
from bot.nlu.place_matching import Hit
from bot.nlu.spans import Span, clause_around

_ADJACENT = re.compile(
    r"(?:东莞市?)?[ ，,、的·\-—/]{0,2}(?:那个|这个|这边的?|那边的?|镇区|里面|边的?|嗰边|呢边)?[ ，,、]?"
)
# a numbered lane (上沙12巷) lies in the village; a street that bears its name may lie anywhere
_ROAD_AFTER = re.compile(
    r"(?![0-9一二三四五六七八九十]{1,3}横?巷)(?:[东南西北中一二三四五六七八九十横前后新旧上下左右正内外0-9]{0,2}(?:步行街|头路|大道|大街|路(?!口|段|边|灯|面|上|很|烂|都|窄|又|旁|中间|没|有|坏|塌|不)|街(?!坊|上|道|口|灯)|巷(?!子|口|里|尾|头)|桥(?!头)|站|高速|隧道|立交|河(?!边|涌|里|堤|水)))"
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
_LONGEST_ANSWER = 24
_LIVES = re.compile(
    r"(?:.{0,6}[我俺]|.{0,4}我们|.{0,4}我哋|.{0,4}家|人|地址|地点|位置|就)?(?:现在|目前|而家|一直)?(?:住在?|租住在?|家在|位于|是|系|在|喺|就在|[:：])+(?:东莞市?)?"
)
_CLAUSE_REST = re.compile(r"(?:的|啊|呀|嘅|啦|哦|这边|那边|这里|那里|嗰边|呢边|附近|一带|里面|人)*")
_COURTESY = re.compile(
    r"^(?:就?是|在|喺|系|我在|我们?是?|我住|住在?|嗯|呃|那个|这个|那里|应该是|哦|啊|地址|地点|位置|村|镇|东莞市?|广东省?|[：:，,。 ])*|(?:的|啊|呀|吧|啦|咯|啰|囉|呢|哦|喔|这边|那边|那块|那里|这里|附近|一带|呢边|嗰边|度|里|村|镇|社区|[，,。！!~～ ])*$"
)


def is_meant(text: str, hit: Hit, near: Sequence[Hit], places: Gazetteer) -> bool:
    """Whether a name found is a place here and not an ordinary word or part of another name.

    `near`: the names found around it, itself included.
    """
    if hit.town and not hit.suffix:
        beside = _has_village_behind(text, hit, near, places) or _is_village_of_previous(
            text, hit, near, places
        )
        if not hit.aligned:
            return beside
        ordinary = hit.name in places.ordinary_towns
        return beside or not ordinary or _town_context(text, hit)
    if hit.town:
        return True
    if _town_before(text, hit, near, places):
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
    if len(text) > _LONGEST_ANSWER:
        return False
    bare = _COURTESY.sub("", text)
    return bare == text[hit.start : hit.end] or bare == hit.name


def _in_place_context(text: str, hit: Hit) -> bool:
    """An ordinary word as a village: said like a place and followed by something found there."""
    if _BUSINESS_AFTER.match(text, hit.end):
        return False
    if _is_whole_clause(text, hit):
        return True
    before = text[max(0, hit.start - 6) : hit.start]
    opens = (
        not before
        or before[-1] in "，,。！!？?；;\n ：:"
        or bool(_PLACE_WORD_BEFORE.search(before))
    )
    return opens and bool(_PLACE_WORD_AFTER.match(text[hit.end : hit.end + 8]))


def _is_whole_clause(text: str, hit: Hit) -> bool:
    """光明，… / …，光明 / 我住光明，…: nothing else is said in the clause."""
    clause = clause_around(text, Span(hit.start, hit.end))
    at_edge = clause.start == 0 or clause.end >= len(text) - 1
    lead = text[clause.start : hit.start]
    rest = text[hit.end : clause.end].strip(" ")
    lives = _LIVES.fullmatch(lead.strip(" ")) is not None
    return (lives or (at_edge and not lead.strip(" "))) and _CLAUSE_REST.fullmatch(rest) is not None


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


def follows(text: str, first: Hit, second: Hit) -> bool:
    """Whether `second` directly follows `first`, perhaps over a comma or 那边."""
    return beside(text[first.end : second.start])


def beside(between: str) -> bool:
    """Whether two names belong together that have only this between them."""
    return len(between) <= 6 and bool(_ADJACENT.fullmatch(between))


def villages_in(hit: Hit, town: str | None, places: Gazetteer) -> tuple[str, ...]:
    return tuple(code for code in hit.villages if places.villages[code].town == town)


def _town_before(text: str, hit: Hit, near: Sequence[Hit], places: Gazetteer) -> bool:
    return any(
        other.town
        and other.end <= hit.start
        and follows(text, other, hit)
        and villages_in(hit, other.town, places)
        for other in near
    )


def _has_village_behind(text: str, town: Hit, near: Sequence[Hit], places: Gazetteer) -> bool:
    return any(
        hit.start >= town.end and follows(text, town, hit) and villages_in(hit, town.town, places)
        for hit in near
    )


def _is_village_of_previous(text: str, hit: Hit, near: Sequence[Hit], places: Gazetteer) -> bool:
    return bool(hit.villages) and _town_before(text, hit, near, places)
