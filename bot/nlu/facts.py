"""Everything that stands in a text besides what is asked: contact, place, numbers, danger."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.nlu import (
    addresses,
    alerts,
    amounts,
    behalf,
    case_numbers,
    counts,
    groups,
    other_city,
    persons,
    phones,
    place_evidence,
    places,
    replies,
    sensitive,
    transcripts,
)
from bot.nlu.normalization import Normalized
from bot.nlu.numerals import NUMBER, parse_number
from bot.nlu.spans import Span, mask

TextKind = Literal["message", "transcript"]

# What is read at all; the channel refuses longer texts before.
LONGEST_TEXT = 20_000
_LONGEST_SHORT_ANSWER = 40


@dataclass(frozen=True)
class Facts:
    """Findings of all extractors; offsets in the normalised text `text`."""

    text: str
    kind: TextKind
    turns: tuple[transcripts.Turn, ...]
    phones: tuple[phones.Phone, ...]
    places: tuple[places.Place, ...]
    names: tuple[persons.Name, ...]
    amounts: tuple[amounts.Amount, ...]
    counts: tuple[counts.Count, ...]
    case_nos: tuple[case_numbers.CaseNumber, ...]
    sensitive: tuple[sensitive.Sensitive, ...]
    alerts: tuple[alerts.Alert, ...]
    groups: tuple[str, ...]
    on_behalf: bool
    person: str | None
    reply: replies.Reply
    address: str | None
    answers_where: bool
    other_city: str | None

    def contact_phone(self) -> str | None:
        """The caller's valid number, the later of several."""
        own = [phone.value for phone in self.phones if phone.of == "caller" and phone.valid]
        return own[-1] if own else None


def gather(text: str, kind: TextKind = "message") -> Facts:
    """Runs every extractor over normalised text; for calls over the caller's words."""
    text = text[:LONGEST_TEXT]
    turns = tuple(transcripts.parse(text)) if kind == "transcript" else ()
    said = transcripts.caller_view(text, turns) if turns else text
    numbers = transcripts.number_view(text, turns) if turns else text
    hidden = sensitive.extract(text)
    readable = mask(said, [Span(item.start, item.end) for item in hidden], "\n")
    found_phones = tuple(phones.extract(numbers))
    found_places = _places(text, readable, turns)
    found_names = _names(readable, turns, found_places)
    nameless = mask(readable, [Span(n.start, n.end) for n in found_names], "\n")
    if any(_CROSSED.search(name.value) for name in found_names):
        found_places = _places(text, nameless, turns)
    wordy = mask(readable, [Span(phone.start, phone.end) for phone in found_phones], "0")
    return Facts(
        text=text,
        kind=kind,
        turns=turns,
        phones=found_phones,
        places=found_places,
        names=found_names,
        amounts=tuple(amounts.extract(wordy)),
        counts=tuple(_counts(wordy, turns)),
        case_nos=tuple(case_numbers.extract(said)),
        sensitive=tuple(hidden),
        alerts=tuple(alerts.extract(said)),
        groups=tuple(groups.extract(said)),
        on_behalf=behalf.on_behalf(said),
        person=behalf.person(said),
        reply=replies.read(text),
        address=_address(nameless, found_places, turns),
        other_city=other_city.where(readable, found_places),
        answers_where=not found_phones
        and place_evidence.answers_where(_answer(readable, found_names)),
    )


def _answer(readable: str, names: Sequence[persons.Name]) -> str:
    """The text without people's names; a hamlet's name may look like one (黄泥墩)."""
    people = [n for n in names if n.kind != "bare" or not place_evidence.sounds_like_place(n.value)]
    return mask(readable, [Span(name.start, name.end) for name in people], "\n")


# a name that holds the word for a road (林路生)
_CROSSED = re.compile(r"[路街巷坊围弄道]")
_ASKED_PLACE = re.compile(
    r"地址|哪个(?:村|镇|社区|街道|区)|哪里|边度|喺边|什么地方|哪儿|哪条|哪几|具体|位置|哪个镇街|在哪|住哪"
)
_ASKED_NAME = re.compile(r"贵姓|称呼|姓名|名字|姓什么|叫什么|点称呼|怎么称呼|尊姓|姓咩")
_ASKED_COUNT = re.compile(
    r"多少(?:人|户|老人|小孩|孩子|学生|居民|家)|几(?:户|个人|多人|多户|家|口)|几多|人数|住了多少|多少个|受益"
)


def _places(
    text: str, readable: str, turns: Sequence[transcripts.Turn]
) -> tuple[places.Place, ...]:
    """Places of the caller; where the caller agreed to an agent's place, that one as well."""
    if not turns:
        return _settle(places.extract(readable))
    agreed = {
        turn.start
        for index, turn in enumerate(turns)
        if turn.speaker == "agent" and transcripts.confirmed(turns, index)
    }
    talk = transcripts.view(
        text, turns, lambda turn: turn.speaker == "caller" or turn.start in agreed
    )
    asked = [Span(turn.start, turn.end) for turn in transcripts.answers(turns, _ASKED_PLACE)]
    raised = [_raise(place, asked) for place in places.extract(talk)]
    own = [place for place in raised if readable[place.start] != "\n"]
    if any(place.village or place.town for place in own):
        starts = {place.start for place in own}
        raised = [place for place in raised if place.start in starts or place.village]
    return _settle(raised)


def _raise(place: places.Place, asked: Sequence[Span]) -> places.Place:
    """An answer to a question about the place weighs more."""
    answered = any(span.start <= place.start < span.end for span in asked)
    return (
        replace(place, weight=place.weight + 3) if answered and place.role == "request" else place
    )


def _settle(found: Sequence[places.Place]) -> tuple[places.Place, ...]:
    """Places merely passed by are no request's place when another one is named."""
    solid = [p for p in found if p.role == "request" and p.weight >= 0]
    return tuple(
        replace(place, role="origin")
        if solid and place.role == "request" and place.weight < 0
        else place
        for place in found
    )


def _names(
    readable: str, turns: Sequence[transcripts.Turn], found_places: Sequence[places.Place]
) -> tuple[persons.Name, ...]:
    """Names in the text; the answer to 您贵姓 is the caller's. A place is no name."""
    found = persons.extract(readable)
    for turn in transcripts.answers(turns, _ASKED_NAME):
        answer = persons.extract(turn.text)
        own = [name for name in answer if name.of == "caller"]
        for name in own:
            moved = replace(
                name,
                start=name.start + turn.start,
                end=name.end + turn.start,
                kind="full" if name.kind == "bare" else name.kind,
            )
            found = [
                *[f for f in found if not (f.start < moved.end and moved.start < f.end)],
                moved,
            ]
    taken = [Span(place.start, place.end) for place in found_places]
    kept = [n for n in found if not any(t.start <= n.start and n.end <= t.end for t in taken)]
    return tuple(sorted(kept, key=lambda name: name.start))


def _counts(wordy: str, turns: Sequence[transcripts.Turn]) -> list[counts.Count]:
    """Counts in the caller's words; the bare number that answers 多少人 counts too."""
    found = counts.extract(wordy)
    for turn in transcripts.answers(turns, _ASKED_COUNT):
        if any(turn.start <= count.start < turn.end for count in found):
            continue
        bare = re.search(NUMBER, wordy[turn.start : turn.end])
        value = parse_number(bare.group()) if bare else None
        if bare and value and 1 <= value <= 100_000:
            at = turn.start + bare.start()
            found.append(counts.Count(int(value), "person", at, at + len(bare.group())))
    return sorted(found, key=lambda count: count.start)


def _address(
    readable: str, found: Sequence[places.Place], turns: Sequence[transcripts.Turn]
) -> str | None:
    """Address detail that stands apart from the place, as answers do (中路六号)."""
    spare = mask(readable, [Span(place.start, place.end) for place in found], "\n")
    pieces = [spare[turn.start : turn.end] for turn in transcripts.answers(turns, _ASKED_PLACE)]
    if not turns and len(readable) <= _LONGEST_SHORT_ANSWER and not any(p.address for p in found):
        pieces = [spare]
    details = [
        detail
        for piece in pieces
        if (detail := addresses.anywhere(piece)) and not any(detail in p.text for p in found)
    ]
    return max(details, key=len, default=None)


def as_dict(facts: Facts, normalized: Normalized) -> dict[str, Any]:
    """The `facts` of a parse result: plain values, offsets of the text as sent."""

    def at(item: Any) -> dict[str, int]:
        start, end = normalized.span(item.start, item.end)
        return {"start": start, "end": end}

    return {
        "normalized": facts.text,
        "phones": [
            {"value": p.value, "valid": p.valid, "kind": p.kind, "of": p.of} | at(p)
            for p in facts.phones
        ],
        "places": [
            {
                "town": p.town,
                "village": p.village,
                "candidates": list(p.candidates),
                "address": p.address,
                "text": p.text,
                "role": p.role,
            }
            | at(p)
            for p in facts.places
        ],
        "names": [{"value": n.value, "kind": n.kind, "of": n.of} | at(n) for n in facts.names],
        "amounts": [{"amount_cny": a.amount_cny} | at(a) for a in facts.amounts],
        "counts": [{"value": c.value, "unit": c.unit} | at(c) for c in facts.counts],
        "groups": list(facts.groups),
        "on_behalf": facts.on_behalf,
        "person": facts.person,
        "case_nos": [{"value": c.value, "valid": c.valid} | at(c) for c in facts.case_nos],
        "last4": facts.reply.last4,
        "choice": facts.reply.choice,
        "polarity": facts.reply.polarity,
        "notice_wish": facts.reply.notice_wish,
        "address": facts.address,
        "answers_where": facts.answers_where,
        "other_city": facts.other_city,
    }
