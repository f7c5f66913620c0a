"""A fire that a caller sees while telling of something else: an alarm, and no part of their case.

Only where it is plain: the matter is somebody's own (tuition, care, advice), the fire is not at
the caller's, and both the fire's sentences and the rest are surely what they seem.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.nlu import summary
from bot.nlu.alerts import Alert
from bot.nlu.classify.corpus import taxonomy
from bot.nlu.matters import UNANNOUNCED, Guesser
from bot.nlu.segments import Segment
from bot.nlu.spans import Span

_OWN = re.compile(r"我(?:家|们?(?:家|屋|楼|宿舍|房)|屋|住|哋?屋企|这[里边])|屋企|家里")
_OF_FIRE = re.compile(r"119|消防|火警|救火|灭火|着火|起火|烟")
_MOST_FOLLOWING = 5
_SHORTEST_REST = 12


def set_apart(part: Segment, alerts: Sequence[Alert], guess: Guesser) -> tuple[Segment, list[Span]]:
    """`part` without the sentences of a fire told in passing, and where those stand in the text."""
    told = _sentences(part.text)
    here = next((at for at, said in enumerate(told) if _holds_fire(part, said, alerts)), None)
    if here is None or _OWN.search(_words(part, told[here])):
        return part, []
    following = told[here + 1 : here + 1 + _MOST_FOLLOWING]
    guesses = guess([_words(part, said) for said in [told[here], *following]]) if told else []
    last = here
    while last - here < len(following) and (
        guesses[last - here + 1].type == "emergency"
        or _OF_FIRE.search(_words(part, told[last + 1]))
    ):
        last += 1
    fire = Span(told[here].start, told[last].end)
    rest = _without(part, fire)
    if guesses[0].type != "emergency" or len(rest.text) < _SHORTEST_REST:
        return part, []
    (matter,) = guess([rest.text])
    if taxonomy()[matter.type].category != "weixinyuan" or matter.confidence < UNANNOUNCED.category:
        return part, []
    return rest, [Span(*part.locate(fire.start, fire.end))]


def _sentences(text: str) -> list[Span]:
    spans, at = [], 0
    for sentence in summary.sentences(text):
        start = text.index(sentence, at)
        at = start + len(sentence)
        spans.append(Span(start, at))
    return spans


def _words(part: Segment, said: Span) -> str:
    return part.text[said.start : said.end]


def _holds_fire(part: Segment, said: Span, alerts: Sequence[Alert]) -> bool:
    start, end = part.locate(said.start, said.end)
    return any(alert.kind == "fire" and start <= alert.start < end for alert in alerts)


def _without(part: Segment, span: Span) -> Segment:
    text = part.text[: span.start] + part.text[span.end :]
    return replace(part, text=text, offsets=part.offsets[: span.start] + part.offsets[span.end :])
