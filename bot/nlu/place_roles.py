"""What a named place is to the speaker: where the matter is, where they come from, or denied."""

from __future__ import annotations

import re
from typing import Literal

Role = Literal["request", "origin", "negated", "other_city"]

_NEGATED_BEFORE = re.compile(
    r"(?<!是)(?:不是|唔系|并非|不在|不属于|唔喺|而非|不归|不住|冇喺|不系)(?:在|喺|说|指|讲|我们|住|住在|属于)?(?:东莞市?)?[“\"']?$"
)
_NEGATED_AFTER = re.compile(
    r"^[”\"']?(?:那边|那里|那个)?(?:(?:打错|写错)(?!字)|说错|讲错|搞错|填错|选错|不对)"
)
_ORIGIN_BEFORE = re.compile(
    r"(?:老家|原籍|籍贯|户籍|户口|祖籍|娘家|以前|从前|原来|之前|原先|早年|曾经?|当年|过去|本来|旧时|小时候)[^，,]{0,6}$|"
    r"(?:从|由)(?:老家)?$|(?:嫁到|搬离|离开|毕业于)$"
)
_ORIGIN_AFTER = re.compile(
    r"^(?:这边|那边|镇|市|的)?(?:打了.{0,4}工|做了.{0,4}年|住了?.{0,4}年(?:，|,)?(?:后来|去年|今年|现在|前年|才搬)|搬(?:来|过来|到)|嫁(?:来|过来|到)|过来(?:的|东莞)?|转(?:过)?来|来的(?!路|车)|迁(?:过)?来|调(?:过)?来|进的货|买的(?:货|料)|拉(?:过)?来|运(?:过)?来|人(?:，|,)?(?:嫁|来|到|现))"
)
# A stretch between two places: 道滘-洪梅.
_RANGE_BEFORE = re.compile(r"[\u4e00-\u9fff][-—~至]+$")
_RANGE_AFTER = re.compile(r"^(?:镇|村|社区)?[-—~至]+[\u4e00-\u9fff]")
_WAY_BEFORE = re.compile(
    r"(?:往|去|到|至|向|通往|开往|前往|途经|路过|经过|朝|通向|抵|赴|和|与|跟|同|比|像|学|听说|看到|不像|就像|隔壁|离|靠近|挨着|毗邻|好似|可能在|好像在|总部在?|总公司在?)$"
)
_WAY_AFTER = re.compile(
    r"^(?:镇|村|社区)?(?:方向|过去一?点|过去|过来一点|那头过来|交界|接壤|对面就是|转车|出口|收费站|高速|行返|返来|回来|都有|就有|有了|那种|那样|一样|的朋友|的亲戚|的客户|上班|打工|返工|做嘢|厂里|读书|开店|做生意|的老板|那家)"
)
_HERE_BEFORE = re.compile(
    r"(?:现在?|如今|目前|而家|今年|现居|现住|家住|家在|屋企喺|屋企|住在?|居住在?|租住在?|位于|地址|地点|地方|发生在|就在|就系|店开在|房子在|我在|我们在|我哋喺|人在|喺|在|我是|我系|这里是|这边是|我们是|系|是|我们|我哋|咱们?|本|搬到|搬来|来到|嫁到|嫁来)(?:了|东莞市?|咗|的|那个|这个|：|:|，| )*$"
)

# a scene of the past: where somebody lived or worked once
_PAST_BEFORE = re.compile(
    r"(?:那(?:一?年|时候?|阵|会儿)|年轻(?:时|那会)|刚来|起初|最初|最早|头几年|前些年|十几年前|[0-9一二三四五六七八九十]+年前)[^，,]{0,8}$"
)
_PAST_AFTER = re.compile(r"^(?:镇|村|社区|那边)?(?:租(?:过|了)|住过|待过|呆过|干过|做过|开过)")
_LIVES_AFTER = re.compile(
    r"^(?:镇|村|社区|这边|那边)?(?:住|居住|租房|租屋|定居|安家|落户|嘅住户|的住户|的居民|的村民)"
)


def weigh(before: str, after: str) -> tuple[Role, int]:
    """The role of a place from the text around it, and how likely it is where the matter is.

    `before` and `after`: the text of the same sentence on each side (about 16 characters).
    The weight is 0 for a plain mention, positive for "here", negative for "there".
    """
    before, after = before.rstrip(" "), after.lstrip(" ")
    if _NEGATED_BEFORE.search(before) or _NEGATED_AFTER.search(after):
        return "negated", -9
    if _RANGE_BEFORE.search(before) or _RANGE_AFTER.search(after):
        return "origin", -3
    if _ORIGIN_AFTER.search(after):
        return "origin", -4
    if _ORIGIN_BEFORE.search(before) and not re.search(
        r"(?:现在|而家|如今|现住|现居|目前).{0,4}$", before
    ):
        return "origin", -4
    weight = 0
    if _PAST_BEFORE.search(before) or _PAST_AFTER.search(after):
        return "request", -3
    if _LIVES_AFTER.search(after):
        weight += 2
    if _WAY_BEFORE.search(before):
        weight -= 2
    if _WAY_AFTER.search(after):
        weight -= 2
    if weight == 0 and _HERE_BEFORE.search(before):
        weight += 2
    return "request", weight
