"""Lists that the writer makes: 1… 2…, 第一…第二…, and “三个问题：甲、乙、丙” without numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.nlu.numerals import parse_number

_THINGS = r"(?:事情?|诉求|问题|情况|要求|心愿|需求|请求|嘢)"
_ANNOUNCED = re.compile(
    rf"(?P<count>[两二三四五六七八2-8])(?:[件桩宗]{_THINGS}?|[个样点条]{_THINGS})"
    rf"|[几数](?:[件桩宗]{_THINGS}?|[个样点条]{_THINGS})|(?:走访|反映|诉求|问题|情况)汇总"
)
# a list stands near the beginning when matters are listed; later it is part of a story
_LONGEST_LEAD = 30
_MARK = re.compile(
    r"第(?P<thing>[一二三四五六七八])(?:件(?:事情?)?|个(?:事情?|问题|诉求)?(?![月年星学小孩人老儿女])|样|点)"
    r"(?:就?是|呢|[、，,：: ])*"
    r"|[（(](?P<bracket>[1-8一二三四五六七八])[)）][ ]*"
    r"|(?P<circled>[①②③④⑤⑥⑦⑧])[ ]*"
    r"|(?:(?<=[，,。！!？?；;：:\n ])|^)"
    r"(?:第(?P<ordinal>[一二三四五六七八])(?:条|就?是|[、，,：:.．])[、，,：: ]*"
    r"|(?P<han>[一二三四五六七八])(?:是|就?系|来|、|，|,|：|:|[.．])"
    r"|其(?P<among>[一二三四五])[、，,：: ]*"
    r"|(?P<digit>[1-8])(?:[、．)），,：:]|[.](?!\d))[ ]*)"
)
_CIRCLED = "①②③④⑤⑥⑦⑧"
_SEPARATORS = ("\n", "；", ";", "。", "，", ",", "、")
_LONGEST_ITEM = 60


@dataclass(frozen=True)
class Enumeration:
    """`marks[i]`: where item i begins with its mark; `starts[i]`: where its words begin.

    `announced`: the writer said before that several things follow.
    """

    marks: tuple[int, ...]
    starts: tuple[int, ...]
    announced: bool


def find(text: str) -> Enumeration | None:
    """The list in `text`, numbered or announced; None when it makes none."""
    return _numbered(text) or _unnumbered(text)


def _numbered(text: str) -> Enumeration | None:
    """Marks of one kind that count on from one."""
    runs: dict[str, list[re.Match[str]]] = {}
    for match in _MARK.finditer(text):
        kind = match.lastgroup or ""
        run = runs.setdefault(kind, [])
        if _value(match) == len(run) + 1:
            run.append(match)
    best = max(runs.values(), key=len, default=[])
    if len(best) < 2:
        return None
    marks = tuple(match.start() for match in best)
    return Enumeration(marks, tuple(m.end() for m in best), _is_announced(text, marks[0]))


def _value(match: re.Match[str]) -> int:
    sign = match[match.lastgroup or 0]
    if sign in _CIRCLED:
        return _CIRCLED.index(sign) + 1
    return int(parse_number(sign) or 0)


def _is_announced(text: str, before: int) -> bool:
    return before <= _LONGEST_LEAD and _ANNOUNCED.search(text, 0, before) is not None


def _unnumbered(text: str) -> Enumeration | None:
    """“报几件：甲，乙，丙”: the coarsest separator that gives as many items as were announced."""
    for told in _ANNOUNCED.finditer(text, 0, _LONGEST_LEAD):
        colon = re.compile(r"[^，,。！!？?；;：:\n]{0,6}[：:]\s*").match(text, told.end())
        if colon is None:
            continue
        count = int(parse_number(told["count"]) or 0) if told["count"] else None
        starts = _items(text, colon.end(), count)
        if starts:
            return Enumeration((colon.end(), *starts[1:]), tuple(starts), announced=True)
    return None


def _items(text: str, start: int, count: int | None) -> Sequence[int]:
    """Where the items begin; empty when no separator fits."""
    body = text[start:].rstrip(" \n。，,；;、")
    for separator in _SEPARATORS:
        pieces = body.split(separator)
        fits = len(pieces) == count if count else 2 <= len(pieces) <= 8
        if fits and all(2 <= len(piece.strip()) <= _LONGEST_ITEM for piece in pieces):
            starts, at = [], start
            for piece in pieces:
                starts.append(at)
                at += len(piece) + 1
            return starts
    return ()
