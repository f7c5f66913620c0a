"""What a case says of a call: the caller's own words about one matter, and one short line of them.

Greetings, announcements (“两件事”), ordinals, names and words of courtesy are left out; nothing is
invented and nothing is put into other words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.nlu import summary
from bot.nlu.spans import Span, covered, mask

LONGEST_LINE = 48
_MOST_SENTENCES = 2
_SHORTEST_SAID = 3
_LONGEST_NAMING = 14

_MARKS = " \n，,。！!？?；;"
_ENDS = r"[，,。！!？?；;、：: ]"
_HEARD = r"[好嗯对是系行冇]+|好的|没错|冇错|可以|没有|系啊|是啊|是的|对啊|对对"
_MATTERS = r"(?:事情?|问题|情况|诉求|嘢|单嘢)"
_COUNTED = rf"(?:[两二三四几2-5][件样单](?:{_MATTERS})?|[两二三四几2-5]个{_MATTERS})"
_ORDINAL = (
    rf"第[一二三四五](?:[件样单]{_MATTERS}?|个{_MATTERS}?(?![月年星学期]))"
    rf"|(?:还有|仲有|另外)?一[件个样](?:{_MATTERS})?(?=就?[是系])|另一件事?"
)
_OPENER = re.compile(
    rf"^(?:(?:{_HEARD})(?=[，,。！!、 ])"
    r"|喂|[你您]们?好|早上好|下午好|晚上好|呃|额|哎呀?|诶|唉|啊(?!妈|爸|公|婆)|哦|那个(?=[，, ])|就是这样"
    r"|(?:然后|还有|另外|仲有)就[是系]|此外|另外(?=[，,])|顺便(?:说|讲|提|问)?(?:一下|一句)?"
    rf"|请问(?:一下)?|麻烦[你您](?={_ENDS})|唔该晒?|谢谢)[，,。！!？?、：: ]*"
)
# also where a turn goes on: that something is asked, and which of several it is
_ASKING = re.compile(
    r"^(?:我|我们|我哋)?(?:是|就是)?(?:想|要|来)?(?:请)?(?:问一?下|问问|咨询一?下|反映一?下|了解一?下|请教一?下)(?:那个|关于)?"
    rf"|^(?:{_ORDINAL})(?:呢|呀|啊)?(?:就是|就系|是|系)?[，,：: ]*"
)
# clauses that say nothing about a matter
_IDLE = re.compile(
    rf"^(?:{_HEARD}"
    rf"|(?:我)?(?:今日|今天|这次)?(?:有|想|要|打算)?(?:报|反映|说|讲|问|投诉|咨询|登记)?{_COUNTED}(?:要|想)?(?:报|反映|说|讲|问)?"
    r"|(?:不对|唔系|不是)|[你您]?刚才(?:念|说|写|记)的[0-9]+|后面是[0-9一二三四五六七八九零幺]+|[你您]?再(?:写|念|说)一[遍次]|[\u4e00-\u9fff]?…*哦不(?:是|对)?"
    r"|听得到吗|听不听得到|能听[到见]吗|(?:可以)?一起[说讲](?:吧|吗)|可不可以一起[说讲]|可以吧"
    r"|(?:就是|就系)?[这呢]个意思|就这样|就这些|没有?了|冇啦?|(?:好的?)?那?(?:[\u4e00-\u9fff]{1,4}的事)?[你您]?(?:先)?(?:帮我)?(?:记|登记)一?下(?:我)?"
    r"|等[你您]们?(?:的)?消息|等(?:一?下|阵)先?|麻烦(?:了|你们?|您)?|辛苦(?:了|晒|你们?)|(?:唔该|多谢|谢谢)(?:晒|你们?|您|啊)?|再见|拜拜|不用了"
    r"|刚才说快了|我先挂了?|两件|[你您]?先记第一[件个]|打我?这个(?:电话|号码)?)[啊呀呢吧啦哈]*$"
)
_NAMING = re.compile(r"^(?:我|免贵|本人)?姓[\u4e00-\u9fff]{1,3}$")
_SPELT = re.compile(r"^是?[\u4e00-\u9fff]{1,4}的([\u4e00-\u9fff])[啊呀吧]?$")
_NAME_AT_END = re.compile(
    r"(?<=[\u4e00-\u9fff＊])(?:我|免贵)?姓[\u4e00-\u9fff]{1,2}(?=[，,。！!]*$)|(?<=[\u4e00-\u9fff])[嗯呃]+(?=[，,。！!]*$)"
)
_LEADING = re.compile(
    r"^我?(?:是|系)?(?:想|要)?(?:帮|替|代|同|为)[^，,。！!？?]{1,8}(?:问|咨询|反映|打听)(?:一?下)?[，,。]*$"
)
_FROM = re.compile(
    r"^(?:我|我们|我哋|咱们?)(?:这边|呢边|这里|哋)?(?:是|系|在|喺|住在?|住喺)[^，,。！!？?；;]{2,18}(?:的|嘅|这边|那边|嗰边|呢边|这里)?[，,。；;]"
)
_CLAUSE = re.compile(r"[^，,。！!？?；;\n]+[，,。！!？?；;\n]*")


@dataclass(frozen=True)
class Said:
    """A stretch of the caller's words; offsets within `text`.

    `hidden`: numbers that belong in no text. `names`: where the caller names themselves.
    `aside`: what belongs to no matter of the call (a fire seen meanwhile).
    """

    text: str
    hidden: Sequence[Span] = ()
    names: Sequence[Span] = ()
    aside: Sequence[Span] = ()


def describe(stretches: Sequence[Said]) -> str:
    """The stretches as one running text."""
    parts = []
    for said in stretches:
        part = _told(said)
        if len(part) >= _SHORTEST_SAID:
            parts.append(part if part[-1] in "。！？!?" else part.rstrip("，,；;、") + "。")
    return "".join(parts)[: summary.LONGEST_DESCRIPTION]


def summarise(description: str, place: str | None) -> str:
    """One line for lists and for reading aloud, at most `LONGEST_LINE` characters."""
    opening = _FROM.match(description) if place else None
    told = description[opening.end() :] if opening else description
    sentences = summary.sentences(_opened(told) or description)
    matter = [sentence for sentence in sentences if not _LEADING.match(sentence)] or sentences
    if not matter:
        return description[:LONGEST_LINE]
    line = "".join(summary.choose(matter, LONGEST_LINE, _MOST_SENTENCES, least=1.0))
    return summary.line(line, place, LONGEST_LINE)


def _told(said: Said) -> str:
    """What a stretch tells of the matter; empty when it is courtesy or contact."""
    text = mask(said.text, said.aside, "\n")
    kept: list[str] = []
    letters = "".join(text[name.start : name.end] for name in said.names)
    for clause in _CLAUSE.finditer(text):
        here = Span(clause.start(), clause.end())
        words = summary.without(clause.group(), summary.inside(said.hidden, here.start, here.end))
        if _names_only(words, letters, is_named=covered(here, said.names)):
            continue
        if told := _clause(words, is_first=not kept):
            kept.append(told)
    return summary.tidy("".join(kept))


def _names_only(words: str, letters: str, *, is_named: bool) -> bool:
    """Whether a clause only says who calls, or how that is written (委屈的屈)."""
    plain = words.strip(_MARKS)
    if spelt := _SPELT.match(plain):
        return spelt[1] in letters
    if is_named and len(plain) <= _LONGEST_NAMING and not summary.names_problem(plain):
        return True
    return _NAMING.match(plain) is not None


def _clause(words: str, *, is_first: bool) -> str:
    plain = words.strip(_MARKS)
    if not plain or _IDLE.match(plain):
        return ""
    words = _NAME_AT_END.sub("", words)
    return _opened(words) if is_first else _ASKING.sub("", words)


def _opened(words: str) -> str:
    """Without the words that only open a turn."""
    while (opener := _OPENER.match(words) or _ASKING.match(words)) and opener.end():
        words = words[opener.end() :]
    return words
