"""Whose a telephone number is, from the words around it: the caller's to be rung, or another's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from bot.nlu.persons import is_surname

Owner = Literal["caller", "other"]
# start, end, whether it is a mobile
Number = tuple[int, int, bool]

_OWN_BEFORE = re.compile(
    r"(?:我的?|本人的?|自己的?)(?:这个|手机|电话|号码|的|是|：|:|联系)|打我|找我|联系我|联系人|打返我|我(?:手机|电话)|(?:我|名)(?:姓|叫|是).{1,8}$"
)
_OWN_AFTER = re.compile(
    r"^[，,。 ]*(?:这|呢|那)?(?:个|一个)?(?:才)?(?:是|系)(?:我|本人|自己)(?:的|嘅|本人|手机|电话|号码|自己|[，,。！!]|$)|^[，,。 ]*(?:有事)?(?:打|找|联系)(?:我|这个|呢个|返我)|^[，,。 ]*我(?:的|手机|电话|本人)"
)
_NOT_OWN_AFTER = re.compile(
    r"^[，,。 ]*(?:这|那|呢|嗰)?(?:个|一个)?(?:是|系)(?!我的?(?:[手电号本自，,。！! ]|$)).{0,8}(?:的|嘅|电话|手机|号码)|^[，,。（( ]*(?:别|不要|唔好|勿|莫)(?:打|联系)|^[，,。（( ]*(?:这个|那个|这部|那部)?(?:已经|经常|老是)?(?:打不通|停机|欠费|关机|没信号|作废|不用了|停用|坏了|丢了)"
)
# 李小姐137…, 我是陈师傅，电话…: a form of address right before the number signs the message
_SIGNED_BEFORE = re.compile(
    r"(?:^|[，,。！!？?；;\n 、]|[我俺](?:是|系)|联系人?|联络人?|联络|找|叫|打给|称呼|是)[：: ]?(?P<surname>[\u4e00-\u9fff]{1,2})"
    r"(?:先生|女士|小姐|太太|姑娘|阿姨|师傅|大姐|大哥|社工|网格员|志愿者|义工|生|姐|哥|叔|伯|婶|姨|嫂|工)"
    r"[，,：:（( ]{0,2}(?:我)?(?:的)?(?:联系)?(?:电话|手机|号码|联系方式|微信|tel|Tel|TEL)?(?:号码|号)?(?:是|系|为)?[：:，, ]{0,2}$"
)
_WHICH = re.compile(
    r"(?:打|用|联系|拨|拨打|以|留|记|选|就)(?:我)?(?:那|这)?(?P<which>第[一二三四1234]个|头一个|前(?:面|边)?(?:那|一)个|上面(?:那|一)?个|后(?:面|边)?(?:那|一)个|下面(?:那|一)?个|最后(?:那|一)?个)|"
    r"(?P<named>第[一二三四1234]个|后(?:面|边)?(?:那|一)个|前(?:面|边)?(?:那|一)个|最后(?:那|一)?个)(?:号码?|电话|手机)?(?:才)?(?:为准|为主|是我的?|系我|能?打得?通|有效|是对的|常用|方便|优先|先打|更好|好打)"
)
_PERSON = (
    r"(?:他|她|佢|它|人家|对方|邻居|房东|老板|厂(?:里|家|长)?|公司|物业|管理处|经理|店(?:家|主)?|中介|包工头|村委|居委|派出所|"
    r"医院|学校|老师|班主任|老公|老婆|丈夫|妻子|爱人|爸爸?|妈妈?|父亲|母亲|儿子|女儿|孩子|孙子|哥哥?|(?<!小)姐姐?|弟弟?|妹妹?|叔叔?|伯父?|"
    r"阿姨|婆婆|爷爷|奶奶|外公|外婆|朋友|同事|工友|当事人|负责人|车主|司机|老人(?:家)?|本人女儿|亲戚|侄子|侄女|队长|组长|主任|书记|客服|投诉热线|店里|门卫|保安|护工|社工|小孩|家属|业主|他家|她家|商家|幼儿园|供电所|水厂|自来水公司)"
)
_OTHER_BEFORE = re.compile(
    rf"{_PERSON}(?:[^，,。；;\n0-9]{{0,6}})?(?:的|嘅)?(?:联系)?(?:电话|手机|号码|座机|联系方式|微信)?(?:号码|号)?(?:是|系|：|:|为|，)?\s*$|(?:打|拨)(?:过|了|咗)\s*$|(?:别|不要|唔好|勿)(?:再)?(?:打|联系)(?:这个|那个|呢个)?\s*$"
)


def owners(text: str, numbers: Sequence[Number]) -> list[Owner]:
    """Whose each number is: of several, the best placed one is the caller's, a mobile before a
    landline; one that is picked in words (打第二个) is."""
    chosen = _chosen(text, numbers)
    if chosen is not None:
        return ["caller" if at == chosen else "other" for at in range(len(numbers))]
    scores = [_score(text, number) for number in numbers]
    best = max(scores, default=0)
    tied = [at for at, score in enumerate(scores) if score == best > -2]
    first = next((at for at in tied if numbers[at][2]), tied[0] if tied else None)
    mobile = max(
        (score for score, number in zip(scores, numbers, strict=True) if number[2]), default=0
    )
    found: list[Owner] = []
    for at, score in enumerate(scores):
        second = not numbers[at][2] and 1 <= score <= mobile
        found.append("caller" if at == first or (score >= 1 and not second) else "other")
    return found


def _chosen(text: str, numbers: Sequence[Number]) -> int | None:
    """Which of several numbers the text picks by its place among them."""
    match = _WHICH.search(text, numbers[0][1]) if len(numbers) > 1 else None
    if match is None:
        return None
    which = match["which"] or match["named"]
    counted = re.search(r"[一二三四1234]", which) if which.startswith("第") else None
    if counted:
        at = "一二三四1234".index(counted.group()) % 4
        return at if at < len(numbers) else None
    return 0 if which[0] in "头前上" else len(numbers) - 1


def _score(text: str, number: Number) -> int:
    """Positive when the words around say it is the speaker's own, negative when another's."""
    start, end, _ = number
    before = re.split(r"[。！!？?\n；;]", text[max(0, start - 22) : start])[-1]
    after = text[end : end + 16]
    own_after = _OWN_AFTER.search(after)
    score = 0
    if _OWN_BEFORE.search(before):
        score += 2
    if own_after:
        score += 3
    signed = _SIGNED_BEFORE.search(before)
    if signed and is_surname(signed["surname"]):
        score += 1
    elif _OTHER_BEFORE.search(before) and not re.search(r"(?:打|联系|找)我", before):
        score -= 3
    elif re.search(r"我$|我的$|本人$", before):
        score += 2
    if _NOT_OWN_AFTER.search(after) and not own_after:
        score -= 3
    return score
