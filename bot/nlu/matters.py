"""Which of the proposed parts of a text are matters of their own.

A part counts when it is classified alone, surely, and as something else than what stands before
it; whatever is not joins its neighbour. In doubt a text is one matter: a story has many scenes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.nlu import segments
from bot.nlu.classify.corpus import taxonomy
from bot.nlu.classify.model import Guess
from bot.nlu.segments import Segment

Guesser = Callable[[Sequence[str]], list[Guess]]
Matter = tuple[Segment, Guess]


@dataclass(frozen=True)
class Bars:
    """`category`, `kind`: how sure a part's category and type must be to stand alone.
    `rival`: how likely the neighbour's type may at most be for it."""

    category: float
    kind: float
    rival: float


# measured on the corpus, where every text is one matter
UNANNOUNCED = Bars(category=0.9, kind=0.6, rival=0.1)
ANNOUNCED = Bars(category=0.5, kind=0.0, rival=0.5)
# how sure these must be: a complaint is a way to ask about any matter, and a scene may sound like
# danger, which is found by its signs anyhow
_SURER = {"petition": 1.1, "emergency": 0.97}


def settle(text: str, parts: Sequence[Segment], guess: Guesser) -> list[Matter]:
    """The matters of the message `text` in order; `parts` as `segments.split` proposes them."""
    guesses = guess([part.text for part in parts])
    matters = _apart(text, parts, guesses) if len(parts) > 1 else []
    if matters or len(parts) == 1:
        return matters or list(zip(parts, guesses, strict=True))
    if idle := _after_idle(parts, guesses):
        return idle
    whole = [segments.plain(text, 0, len(text))]
    return list(zip(whole, guess([part.text for part in whole]), strict=True))


def settle_call(parts: Sequence[Segment], guess: Guesser) -> list[Matter]:
    """The matters of a call: what begins within a turn must surely be another one."""
    joined: list[Segment] = []
    last: Guess | None = None
    for part, own in zip(parts, guess([part.text for part in parts]), strict=True):
        if part.within and last and not _stands_alone(last, part, own):
            joined[-1] = segments.join(joined[-1], part)
        else:
            joined.append(part)
            last = own
    return list(zip(joined, guess([part.text for part in joined]), strict=True))


def _stands_alone(last: Guess, part: Segment, own: Guess) -> bool:
    return _is_sure(part, own, UNANNOUNCED) and _differ(last, own, UNANNOUNCED.rival)


def _after_idle(parts: Sequence[Segment], guesses: Sequence[Guess]) -> list[Matter]:
    """The one matter of the programme behind talk that is none (a joke. 顺便，…)."""
    before, last = guesses[:-1], guesses[-1]
    idle = all(g.type == "other_matter" and g.confidence >= UNANNOUNCED.category for g in before)
    if idle and _in_scope(last) and _is_sure(parts[-1], last, UNANNOUNCED):
        return [(parts[-1], last)]
    return []


def _apart(text: str, parts: Sequence[Segment], guesses: Sequence[Guess]) -> list[Matter]:
    """The parts that stand alone, with what joins them; empty when they are one matter."""
    announced = parts[-1].announced
    bars = ANNOUNCED if announced else UNANNOUNCED
    groups: list[list[Segment]] = []
    labels: list[Guess | None] = []
    for part, guess in zip(parts, guesses, strict=True):
        label = guess if _is_sure(part, guess, bars) else None
        if not groups or (labels[-1] and label and _differ(labels[-1], label, bars.rival)):
            groups.append([part])
            labels.append(label)
        else:
            groups[-1].append(part)
            labels[-1] = labels[-1] or label
    known = [label for label in labels if label]
    if len(known) < 2 or not (announced or any(_in_scope(label) for label in known)):
        return []
    joined = [segments.plain(text, group[0].start, group[-1].end) for group in groups]
    return list(zip(joined, known, strict=True))


def _is_sure(part: Segment, guess: Guess, bars: Bars) -> bool:
    return (
        guess.type != "other_matter"
        and guess.confidence >= bars.category
        and (part.announced or guess.confidence >= _SURER.get(guess.type, 0.0))
        and guess.ranking[0][1] >= bars.kind
    )


def _differ(one: Guess, other: Guess, rival: float) -> bool:
    return (
        one.type != other.type
        and dict(one.ranking).get(other.type, 0.0) <= rival
        and dict(other.ranking).get(one.type, 0.0) <= rival
    )


def _in_scope(guess: Guess) -> bool:
    return taxonomy()[guess.type].category != "out_of_scope"
