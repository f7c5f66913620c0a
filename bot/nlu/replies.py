"""Short answers as a whole: yes or no, a choice, the last four digits, a wish about notices."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.nlu import notice_wishes
from bot.nlu.digits import runs

Polarity = Literal["yes", "no"]

_NOISE = re.compile(r"[\s，,。.!！?？~～、…；;:：\"'“”（）()\[\]【】👌👍🙏😊😄☺️]+")
_PARTICLES = "的啊呀哦喔噢呢吧嘛了啦喇啰咯囉哈呵哎诶唉咧捏滴得呐哒呗嘅㗎噶喎嘞哟哇"
_LEAD = r"(?:嗯|恩|唔|哦|噢|喔|啊|哎|那|就|都|额|呃|ok|OK|好|好的|是|对|行){0,4}"
_YES = (
    r"(?:是|系|係|对|啱|好|嗯|恩|唔|行|得|可以|无误|没错|冇错|没有错|没问题|冇问题|没有问题|确认|确定|同意|正确|属实|准确|"
    r"是这样|就是这样|就系咁|就系|就是|对头|要得|中|成|okay|ok|OK|Ok|yes|Yes|YES|y|Y|提交|交|报|登记|报上去|"
    r"帮我提交|帮我登记|帮我报|就这么办|就这样|就咁|照这样|这样可以|这样就行|没毛病|木有问题|妥|必须|当然|要|需要|愿意|替他报|收到|明白|没意见|没意见|都对|全对|完全正确)"
)
_NO = (
    r"(?:不|否|冇|无|没|没有|不是|不对|唔系|唔啱|唔使|唔要|不用|不要|不需要|不可以|不行|不同意|不了|算了|免了|没了|冇了|冇啦|"
    r"没有了|没别的|没其他|没其它|没其他事|没别的事|冇其他|错了|不正确|有误|不准确|搞错|no|No|NO|n|N|不必|暂时没有|暂时不用|暂时没|先不|别|不报了|不交|取消|都不是|不愿意)"
)
_TAIL = r"(?:谢谢|多谢|唔该|麻烦了|麻烦|辛苦了|辛苦|你们|吧|你|您|他|她|它|这个|那个|这样|帮忙|帮我|上去|没错|无误|无|就好|就行|可以)?"
_YES_WHOLE = re.compile(rf"{_LEAD}(?:{_YES}){{1,4}}{_TAIL}")
_NO_WHOLE = re.compile(rf"(?:嗯|哦|噢|啊|哎|那|就|额|呃)?(?:{_NO}){{1,3}}{_TAIL}")

_ORDINALS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "头": 1,
    "前": 1,
    "壹": 1,
    "贰": 2,
    "叁": 3,
}
_CHOICE = re.compile(
    r"(?:我?(?:选|要|是|就|系|拣|回复|按|选择))*(?:第|选项|序号|no|NO|号码)?(?P<value>[1-9]|[一二两三四五六七八九头前壹贰叁])(?:个|项|条|种|号|件|类|嗰个)?(?:那个|这个|的)?"
)
_LAST_FOUR = re.compile(
    r"(?:尾号|后四位|末四位|后4位|末4位|尾数|最后四位|最后4位|后四个|尾四位|电话后|手机后)(?:数|数字|号码)?(?:是|系|为|：|:|，| )*$"
)


@dataclass(frozen=True)
class Reply:
    """What a short message says as a whole; all None for anything longer."""

    polarity: Polarity | None
    choice: int | None
    last4: str | None
    notice_wish: notice_wishes.NoticeWish | None = None


def read(text: str) -> Reply:
    """Reads `text` (normalised) as an answer to a question of ours."""
    bare = _NOISE.sub("", text)
    wish = notice_wishes.read(bare)
    return Reply(_polarity(bare), _choice(bare), _last_four(text, bare), wish)


def _polarity(bare: str) -> Polarity | None:
    if not bare or len(bare) > 14:
        return None
    core = re.sub(f"[{_PARTICLES}]", "", bare) or bare
    for form in (bare, core, re.sub(r"(.)\1+", r"\1", core)):
        if _NO_WHOLE.fullmatch(form):
            return "no"
        if _YES_WHOLE.fullmatch(form):
            return "yes"
    return None


def _choice(bare: str) -> int | None:
    match = _CHOICE.fullmatch(re.sub(f"[{_PARTICLES}]+$", "", bare))
    if match is None:
        return None
    value = match["value"]
    return int(value) if value.isdigit() else _ORDINALS[value]


def _last_four(text: str, bare: str) -> str | None:
    for run in runs(text, 4):
        alone = re.fullmatch(r"[0-9零〇一幺二两三四五六七八九洞拐]{4}", bare) is not None
        if len(run.digits) == 4 and (
            alone or _LAST_FOUR.search(text[max(0, run.start - 14) : run.start])
        ):
            return run.digits
    return None
