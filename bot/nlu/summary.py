"""Description and summary of a case from the citizen's own words; nothing is invented."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.nlu import segments
from bot.nlu.spans import Span, covered

LONGEST_DESCRIPTION = 2000
LONGEST_SUMMARY = 80
_LONG_STORY = 300
_MOST_SENTENCES = 4
_FOR_PLACE = 8

_GREETING = re.compile(
    r"^(?:(?:喂|你好|您好|大家好|哈喽|hello|hi|请问一下|请问|嗯|呃|额|哎|诶|唉|啊|那个|就是说?|这个|然后|麻烦你?|唔该|我?想(?:问|咨询|反映|请教|了解)一?下|你们好|各位领导(?:好)?|尊敬的领导|领导(?:好|您好)?|同志|客服|在吗|有人吗)[，,。！!、 ：:]*)+"
)
_COURTESY = re.compile(
    r"尊敬的|各位领导|[你您]们?好|打扰|冒昧|百忙之中|感谢|谢谢|此致|敬礼|看一下我的(?:来信|留言)|请?[^，,。]{0,4}(?:包涵|见谅|谅解)"
)
# the words that lead over to a further matter say nothing about it
_LEADING_OVER = re.compile(
    r"^(?:(?:然后|再|加上)?(?:另外|还有|仲有)(?:就是|就系|一?[件个点](?:事情?|问题|情况)?)?(?!的)|此外|再就是|再有就是|顺便(?:说|讲|提)(?:一下|一句)?|对了)[，,：: ]*"
)
_FILLER = re.compile(
    r"(?:(?<=[，,。！!？?； ])|^)(?:嗯|呃|额|哎|诶|啊|哦|那个|这个|就是说|怎么说呢|你知道吧|对吧|是吧)(?=[，,。 ]|[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])(?:嗯|呃)(?=[\u4e00-\u9fff])"
)
_CONTACT = re.compile(
    r"(?:我的?|本人|联系)?(?:联系)?(?:电话|手机|号码|联系方式|手机号|电话号码|身份证号?码?|卡号|银行卡号?|证号)(?:我念你|我报给你|号|是|为|系)?[：:，, ]*(?=[＊*]|$)|(?:打|找)(?:我)?(?=[＊*])"
)
# a number said digit by digit, also where another copy of it was taken for the contact
_SPOKEN = re.compile(
    r"[幺一二三四五六七八九零〇洞拐两0-9](?:[ \-]?[幺一二三四五六七八九零〇洞拐两0-9]){6,}"
)
_MASKED = re.compile(r"[＊*]+")
_TIDY = (
    (re.compile(r"[，,、 ]*([，,。；;！!？?])"), r"\1"),
    (re.compile(r"([，,。；;！!？?])[，,、；; ]+"), r"\1"),
    (re.compile(r" {2,}"), " "),
)
_PROBLEM = re.compile(
    r"[交买看吃付负担]+[不唔]起|坏|烂|不亮|没有?|冇|堵|漏|积水|水浸|浸|塌|断|裂|锈|臭|脏|黑|吵|危险|摔|停水|困难|病|残|钱|费|失业|爆|缺|破|满|杂草|欠|拖|瘫|癌|手术|学费|独居|没人|晕|火|刀|烧|想死|离婚|打|哭"
)


def describe(text: str, hidden: Sequence[Span]) -> str:
    """`text` as a case's description: greetings and fillers dropped, `hidden` spans left out.

    `hidden`: phone, identity and bank-card numbers, in offsets of `text`.
    """
    shown = without(text, hidden)
    return tidy(shown)[:LONGEST_DESCRIPTION]


def summarise(description: str, place: str | None = None) -> str:
    """One line for lists: the place if the words lack it, then what is wrong and what is asked."""
    told = sentences(description)
    if not told:
        return description[:LONGEST_SUMMARY]
    return line("".join(choose(told, LONGEST_SUMMARY, _MOST_SENTENCES)), place, LONGEST_SUMMARY)


def sentences(text: str) -> list[str]:
    """The sentences of `text` with the marks that end them."""
    return [match.group() for match in re.finditer(r"[^。！!？?；;\n]+[。！!？?；;\n]*", text)]


def line(told: str, place: str | None, longest: int) -> str:
    """`told` on one line of at most `longest` characters, the place before it where it lacks."""
    told = told.strip(" \n，,。；;")
    if place and not _mentions(told, place):
        told = f"{place}：{told}"
    return _clip(told.replace("\n", "，"), longest)


def choose(sentences: Sequence[str], longest: int, most: int, least: float = 0.0) -> list[str]:
    """The fewest sentences that say the trouble and the wish, in their order, within the limit;
    beside the best one only such as are worth `least`."""
    worth = [
        _worth(sentence, at) for sentence, at in zip(sentences, _weights(sentences), strict=True)
    ]
    order = sorted(range(len(sentences)), key=lambda index: (-worth[index], index))
    taken: list[int] = []
    length = 0
    for index in order:
        if taken and length + len(sentences[index]) > longest - _FOR_PLACE:
            continue
        if taken and worth[index] < least:
            break
        taken.append(index)
        length += len(sentences[index])
        if len(taken) == most:
            break
    return [sentences[index] for index in sorted(taken)]


def _weights(sentences: Sequence[str]) -> list[float]:
    """What a sentence's place adds: the first names the matter; a long story ends with the wish."""
    if sum(map(len, sentences)) <= _LONG_STORY:
        return [1.0, *[0.0] * (len(sentences) - 1)]
    return [2.0 * index / max(1, len(sentences) - 1) for index in range(len(sentences))]


def _worth(sentence: str, place: float) -> float:
    """How much of trouble and wish a sentence says; `place` is what its position adds."""
    said = _COURTESY.sub("", sentence)
    problem = min(2, len(_PROBLEM.findall(said)))
    if not problem and said != sentence:
        return -1.0
    wish = 3.0 * bool(segments.asking(said))
    return (
        wish + problem + (place if problem or wish else 0.0) - (2.0 if len(sentence) < 5 else 0.0)
    )


def names_problem(text: str) -> bool:
    """Whether a word of trouble or need stands in `text`."""
    return _PROBLEM.search(text) is not None


def _mentions(line: str, place: str) -> bool:
    return any(
        part in line
        for part in re.findall(r"[\u4e00-\u9fff]{2,}", re.sub(r"(?:镇|街道|村|社区)", " ", place))
    )


def _clip(told: str, longest: int) -> str:
    if len(told) <= longest:
        return told
    cut = max(told.rfind(mark, 0, longest) for mark in "，,。；;")
    return told[: cut if cut > longest // 2 else longest - 1].rstrip("，,。；;") + "…"


def without(text: str, hidden: Sequence[Span]) -> str:
    """`text` with stars for the hidden spans and for every number said digit by digit."""
    characters = list(text)
    for span in hidden:
        for at in range(span.start, min(span.end, len(characters))):
            characters[at] = "＊"
    return _SPOKEN.sub(lambda number: "＊" * len(number.group()), "".join(characters))


def tidy(text: str) -> str:
    """`text` without greetings, fillers and stars, its punctuation mended."""
    text = _LEADING_OVER.sub("", _GREETING.sub("", text.strip()))
    text = _CONTACT.sub("", text)
    text = _FILLER.sub("", _MASKED.sub("", text))
    for pattern, replacement in _TIDY:
        text = pattern.sub(replacement, text)
    return text.strip(" ，,、；;\n")


def inside(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """The spans that touch [start, end), shifted to begin at `start`."""
    window = Span(start, end)
    return [
        Span(max(span.start, start) - start, min(span.end, end) - start)
        for span in spans
        if covered(window, [span])
    ]
