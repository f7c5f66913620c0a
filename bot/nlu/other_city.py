"""Whether the matter lies in another city, which Dongguan's programme cannot act for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.nlu.place_roles import weigh
from bot.nlu.places import Place

# of a person or a thing, not where the matter is (湖南人, 粤B牌照, 深圳的朋友)
_ATTRIBUTE_AFTER = re.compile(
    r"^(?:省|市|县|区|那边|这边)?(?:的)?(?:人(?!民)|籍|户口|户籍|老家|牌|口音|话|菜|医院|大学|学校|总公司|公司|老板|亲戚|朋友|客户|货|新闻|户|过来|来(?!的?路)|回来|打工|上班|读书|做生意|都有|就有|都|也有|那样|一样|方向|高铁|公交|地铁|社保|医保)"
)
_ATTRIBUTE_BEFORE = re.compile(
    r"(?:老家|户口|户籍|籍贯|娘家|婆家|学|像|比|跟|和|去|到|往|从|回|离|以前|原来|嫁)[在是到]?$"
)
_HERE = re.compile(
    r"(?:^|[，,。！!？?；; \n])(?:[^，,。！!？?；;\n]{0,6})?(?:在|住|住在|位于|是|系|喺|这里是|地址|地点)[：: ]?$"
)
_OPENS = re.compile(r"(?:^|[，,。！!？?；; \n])(?:就|我们?|我哋|反映|投诉|关于)?$")
_HERE_AFTER = re.compile(
    r"^(?:市|县|区|镇|街道)?(?:的|那边|这边|那里|这里|嗰边|呢边|[路街村])|^[，,。！!？?；; \n啊呀吧呢]*$"
)
# “我是深圳龙岗的” tells where the matter is; “我是湖南衡阳的” where somebody comes from
_NEXT_DOOR = re.compile(r"(?:深圳|广州|惠州)市?.{2,}")
_LONGEST_ANSWER = 14
_DONGGUAN = re.compile(r"(?<!不在)(?<!不是)(?<!唔系)(?<!唔喺)(?<!不属于)(?<!离开)东莞|(?<!东)莞")


def where(text: str, found: Sequence[Place]) -> str | None:
    """The other city's name as said, where the text puts the matter there and names no place here."""
    if any(place.role == "request" for place in found):
        return None
    if _DONGGUAN.search(text):
        return None
    foreign = [place for place in found if place.role == "other_city"]
    if not foreign or not any(_is_there(text, place) for place in _chains(text, foreign)):
        return None
    return foreign[0].text


def _chains(text: str, foreign: Sequence[Place]) -> list[tuple[int, int]]:
    """Names said in one breath (广州黄埔) as one stretch."""
    chains: list[tuple[int, int]] = []
    for place in foreign:
        if chains and place.start - chains[-1][1] <= 1:
            chains[-1] = (chains[-1][0], place.end)
        else:
            chains.append((place.start, place.end))
    return chains


def _is_there(text: str, stretch: tuple[int, int]) -> bool:
    before, after = text[max(0, stretch[0] - 16) : stretch[0]], text[stretch[1] : stretch[1] + 12]
    if _ATTRIBUTE_AFTER.search(after) or _ATTRIBUTE_BEFORE.search(before):
        return False
    role, weight = weigh(before, after)
    if role != "request" or weight < 0:
        return False
    if len(text) <= _LONGEST_ANSWER:
        return True
    if re.search(r"[我俺](?:是|系)$", before) and after.startswith("的"):
        return _NEXT_DOOR.match(text[stretch[0] : stretch[1]]) is not None
    here = _HERE.search(before) is not None
    return here or (_OPENS.search(before) is not None and _HERE_AFTER.search(after) is not None)
