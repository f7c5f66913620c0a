"""Where one text may pass to another request; the sentences that ask.

Parts are proposed here from the words alone; `matters` keeps those that are matters of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.nlu import enumerations, transcripts
from bot.nlu.spans import Span

TextKind = Literal["message", "transcript"]

# A text longer than this is one matter told at length unless its parts are numbered.
_LONGEST_PART_BEFORE = 160
_LONGEST_ITEM = 300
_SHORTEST_PART = 7
_SHORTEST_SAID = 4
_SHORTEST_ITEM = 3
# In texts up to this long “…，灯也不亮” may begin another matter.
_LONGEST_PLAIN = 80
_MOST_CUTS = 7


@dataclass(frozen=True)
class Segment:
    """One request. `start`, `end`: where it stands. `text`: what to classify, of a call the
    caller's words only; `offsets[i]` is where `text[i]` stands. `announced`: the writer said that
    several matters follow. `within`: begins within a turn of a call, and may be no other matter."""

    start: int
    end: int
    text: str
    offsets: tuple[int, ...]
    announced: bool = False
    within: bool = False

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """The span in the whole text of `self.text[start:end]`."""
        if not self.offsets:
            return self.start, self.start
        return self.offsets[start], self.offsets[max(start, end - 1)] + 1


_ISSUE = re.compile(
    r"坏|烂|不亮|没有|冇|没人|堵|漏|积水|水浸|塌|断|裂|锈|臭|脏|黑|吵|危险|摔|停水|停电|希望|想|能不能|可不可以|可以|请|求|建议|投诉|反映|申请|要|需要|帮|修|装|建|加|清理|清|困难|没钱|锈|补贴|治|住院|失业|爆|缺|少|破|浸|满|杂草|老鼠|欠|怎么办|搵|整|冇得|可否|麻烦|咨询|问"
)
_ANOTHER = re.compile(
    r"(?:(?<=[，,。！!？?；;\n ])|^)(?:另外(?:一件事?|一个(?:事|问题)?)?|此外|还有(?:一?件事|一?个(?:事情?|问题|情况)|就是|一点)|还有(?=[，,：:])|顺便(?:再)?(?:反映|说|讲|问|提|报|帮)?(?:一下|下|一句)?|顺带|再(?:反映|说|讲|报|问)(?:一件|一个|一下)?|另(?:一件|反映|问|有一事)|第二件事?|第二个(?:问题|事)?|其二|同时(?:还)?(?:反映|想问|投诉)|对了|仲有(?:一?件事|就系|单嘢)?|同埋(?:想)?(?:反映|问)|多一件|二来|以及想)"
    # dictated texts have no punctuation
    r"|(?:然后|再就是|再有就是|加上)?(?:还有|仲有)(?:就是|就系|一?[件个](?:事情?|问题)?)?(?!没有?|冇|多久|多少|几|人|点|些|谁|什么|[0-9一两二三四五六七八九十半]+(?:[天个月年户人]|多))"
    r"|(?:然后|再)?(?<![请要会经])另外(?!的|[挑找选换]|安排|一[边条户家栋间头面])|再就是|还想(?:反映|问|申请|说|请|求)|顺便"
)
_STRONG = re.compile(
    r"另外|此外|顺便|顺带|第二|另一|还有一|还有个|一件|单嘢|再反映|其二|多一件|再报"
)
_ASKS = re.compile(
    r"希望|能不能|能否|可不可以|可否|可以.{0,12}(?:吗|么|不)|请(?!问您|说|讲)|求|建议|恳请|恳求|麻烦|想(?:要|问|申请|请|找|让|办|学|有|把|给|求|装|搞|咨询)|申请|要求|需要|帮(?:我|忙|下|手|帮)|投诉|反映|举报|怎么办|咋办|点算|管一?管|谁管|行不行|得唔得|可唔可以|有冇|有没有|修一下|装(?:个|一)|弄个|搞个|建(?:个|一)|加(?:个|装|几)|咨询|是否|如何|什么时候|几时|为什么|怎么(?:办|报|申)"
)
_ALIKE = re.compile(r"[，,。！!；;\n](?=[^，,。！!？?；;\n]{2,12}也(?!想|许|没人|没有|不知))")
_SENTENCE = re.compile(r"[^。！!？?；;\n]+[。！!？?；;\n]*")


def split(text: str, kind: TextKind = "message") -> list[Segment]:
    """The parts of `text` (normalised) that may be requests; one when nothing divides it."""
    if kind == "transcript":
        return _split_call(text)
    listed = _listed(text)
    if listed:
        return listed
    marks = _marks(text)
    starts = [0, *marks]
    ends = [*marks, len(text)]
    if not marks and (aside := _after_idle_talk(text)):
        starts = [aside]
    return [
        plain(text, start, end)
        for start, end in zip(starts, ends, strict=True)
        if text[start:end].strip()
    ]


def asking(text: str) -> list[Span]:
    """The sentences of `text` that ask for something, in order; empty when none does."""
    return [
        Span(match.start(), match.end())
        for match in _SENTENCE.finditer(text)
        if _ASKS.search(match.group())
    ]


def names_trouble(text: str) -> bool:
    """Whether anything in `text` is wrong or wanted."""
    return bool(_ISSUE.search(text))


def plain(text: str, start: int, end: int, *, announced: bool = False) -> Segment:
    """The segment `text[start:end]` without blanks and commas at its ends."""
    while start < end and text[start] in " \n，,":
        start += 1
    while end > start and text[end - 1] in " \n":
        end -= 1
    return Segment(start, end, text[start:end], tuple(range(start, end)), announced)


def _listed(text: str) -> list[Segment]:
    """The items of a list, and what comes before one that nobody announced."""
    found = enumerations.find(text)
    if found is None:
        return []
    ends = [*found.marks[1:], len(text)]
    items = [
        plain(text, start, end, announced=found.announced)
        for start, end in zip(found.starts, ends, strict=True)
    ]
    if any(not _SHORTEST_ITEM <= len(item.text) <= _LONGEST_ITEM for item in items):
        return []
    lead = plain(text, 0, found.marks[0])
    return items if found.announced or not lead.text else [lead, *items]


def _marks(text: str) -> list[int]:
    """Where a further request may begin."""
    said = {match.start(): True for match in _ANOTHER.finditer(text)}
    if len(text) <= _LONGEST_PLAIN:
        said = {match.end(): False for match in _ALIKE.finditer(text)} | said
    marks: list[int] = []
    for at, is_said in sorted(said.items()):
        before = text[marks[-1] if marks else 0 : at]
        if _may_part(before, text[at:], is_said=is_said):
            marks.append(at)
    return marks[:_MOST_CUTS]


def _after_idle_talk(text: str) -> int | None:
    """Where the only request begins when talk without any comes first (…。顺便，…)."""
    for match in _ANOTHER.finditer(text, 0, 120):
        before, after = text[: match.start()], text[match.end() :]
        if (
            _STRONG.match(match.group())
            and not _ISSUE.search(before)
            and len(after) >= _SHORTEST_PART
        ):
            return match.start()
    return None


def _may_part(before: str, after: str, *, is_said: bool) -> bool:
    if min(len(before.strip()), len(after.strip())) < _SHORTEST_SAID:
        return False
    if len(before) > _LONGEST_PART_BEFORE or len(after) > _LONGEST_PART_BEFORE:
        return False
    first = re.split(r"[。！!？?\n]", after.strip("，,：: "))[0]
    return is_said or (names_trouble(before) and names_trouble(first))


_CALL_NEXT = re.compile(
    r"^(?:好|嗯|哦|对|那)?[，,]?(?:第[二三四](?:件|个|单|样)|另外(?:还有)?(?:一件|一个)?|还有(?:一件|一个|件|个|单)|再(?:报|反映|记)一(?:件|个)|仲有(?:一?件|一?单|一?样)|顺便)"
)
_SMALL_TALK = re.compile(
    r"^(?:喂|你好|您好|好的?|嗯+|哦|对+|是的?|谢谢你?|多谢(?:晒|你)?|唔该(?:晒)?|再见|拜拜|好|行|可以|没有了?|冇|不用|[两三](?:件|个|样)(?:事)?|你?先记第一(?:件|个)|麻烦你|辛苦了|我先挂|等你们消息|[，,。！!？?、 ])*$"
)

_CONTACT_PARTS = re.compile(
    r"(?:我|本人|免贵)?(?:姓|叫|名叫)[\u4e00-\u9fff]{1,3}|[\u4e00-\u9fff]{1,3}的[\u4e00-\u9fff]|(?<=[，,])[\u4e00-\u9fff]{2,3}(?=[，,。]|$)|^[\u4e00-\u9fff](?=[，,])|[0-9零〇幺一二三四五六七八九 \-]{7,}|电话|手机|号码|[，,。 ！!]"
)


# the same inside a turn, where it may as well lead on to more of the same matter
_NEXT_WITHIN = re.compile(
    r"(?<=[。！!？?；;，,\n ])(?:第[二三四](?:[件样单]|个(?:事情?|问题|情况|就?是)|[，,、])|(?:还有|仲有|另外)一[件个单](?:事情?|问题|嘢)?(?:就?[是系]|[，,])|另外(?:就是)?[，,]|再就是|顺便)"
)


def _split_call(text: str) -> list[Segment]:
    """The caller's words, cut where the next matter begins."""
    turns = transcripts.parse(text)
    if transcripts.is_one_block(turns):
        return split(text)
    groups: list[list[transcripts.Turn]] = [[]]
    soft: set[int] = set()
    for turn in turns:
        for at, piece in enumerate(_pieces(turn) if turn.speaker == "caller" else ()):
            said = sum(len(t.text) for t in groups[-1])
            if (at or _CALL_NEXT.match(piece.text)) and said >= _SHORTEST_PART:
                soft |= {piece.start} if at else set()
                groups.append([])
            if not _SMALL_TALK.match(piece.text) and not _contact_only(piece.text):
                groups[-1].append(piece)
    segments = [_joined(group, is_within=group[0].start in soft) for group in groups if group]
    return segments or ([plain(text, 0, len(text))] if text.strip() else [])


def _pieces(turn: transcripts.Turn) -> list[transcripts.Turn]:
    """A caller's turn, cut where another matter may begin."""
    starts = [0, *(match.start() for match in _NEXT_WITHIN.finditer(turn.text))]
    ends = [*starts[1:], len(turn.text)]
    return [
        transcripts.Turn(turn.speaker, turn.start + start, turn.start + end, turn.text[start:end])
        for start, end in zip(starts, ends, strict=True)
        if end > start
    ]


def join(one: Segment, other: Segment) -> Segment:
    """Two parts of a call that are one matter."""
    return Segment(one.start, other.end, one.text + other.text, one.offsets + other.offsets)


def _contact_only(said: str) -> bool:
    """A turn that only tells name and number."""
    rest = _CONTACT_PARTS.sub("", said)
    return len(rest) <= 3 and rest != said


def _joined(turns: Sequence[transcripts.Turn], *, is_within: bool) -> Segment:
    characters: list[str] = []
    offsets: list[int] = []
    for turn in turns:
        characters += turn.text
        offsets += range(turn.start, turn.end)
        if turn.text[-1] not in "。！？!?，,；;":
            characters.append("。")
            offsets.append(turn.end - 1)
    text = "".join(characters)
    return Segment(turns[0].start, turns[-1].end, text, tuple(offsets), within=is_within)
