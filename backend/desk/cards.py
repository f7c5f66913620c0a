"""From the assistant's reading to cards: values, where each comes from, what is doubtful. Pure."""

from collections.abc import Sequence
from typing import Protocol

from backend.desk.schemas import Card, Choice, Conflict, Danger, Source, Sure, Values
from backend.desk.wording import say
from backend.places.service import gazetteer
from backend.taxonomy.service import taxonomy
from backend.understanding.schemas import Facts, FoundPlace, Reading, TriageRequest

CLOSE_CALL = 0.15
"""A runner-up this near to the first makes the type one to check."""
_CHOICES = 3
_WHO_IN_DANGER = {"fire": "119", "crime": "110", "self_harm": "120", "medical": "120"}


class _Stretch(Protocol):
    start: int
    end: int


def cards(text: str, reading: Reading) -> list[Card]:
    """One card for every request of the reading."""
    found = enumerate(reading.triage.requests)
    return [_card(index, text, request, reading.facts) for index, request in found]


def blank_card(index: int, template: Card | None = None) -> Card:
    """A card for a request the machine did not see; caller and place as on another card."""
    kept = ("place", "town", "village", "contact_name", "contact_phone")
    values: Values = {name: template.values.get(name) for name in kept} if template else {}
    sources = {k: s for k, s in template.sources.items() if k in kept} if template else {}
    return Card(index, values, sources, (), ("description",), needs_person=True)


def doubt(found: Sequence[Card]) -> float:
    """0 sure to 1: the least sure card decides; text without any request is all doubt."""
    if not found:
        return 1.0
    return max(_card_doubt(card) for card in found)


def _card_doubt(card: Card) -> float:
    confidence = card.sources["type"].confidence if "type" in card.sources else 0.0
    unsure = sum(source.sure == "low" for source in card.sources.values())
    gaps = 0.1 * len(card.missing) + 0.1 * unsure + 0.2 * card.needs_person
    return round(min(1.0, 1.0 - (confidence or 0.0) + gaps), 3)


def dangers(reading: Reading) -> list[Danger]:
    """What endangers somebody now, each kind once."""
    shown: dict[str, Danger] = {}
    for alert in reading.triage.alerts:
        shown.setdefault(
            alert.kind,
            Danger(
                kind=alert.kind,
                label=say(f"danger.{alert.kind}.label"),
                advice=say(f"danger.{alert.kind}.advice"),
                number=_WHO_IN_DANGER[alert.kind],
                start=alert.start,
                end=alert.end,
            ),
        )
    return list(shown.values())


def conflicts(reading: Reading) -> list[Conflict]:
    """What does not fit together: two phones, two places, ambiguous names of places."""
    facts = reading.facts
    found = [
        _several("phones", [(p.value, p) for p in facts.phones if p.valid and p.of == "caller"]),
        _several("places", [(_place_name(p), p) for p in _request_places(facts)]),
        _several("names", [(n.value, n) for n in facts.names if n.of == "caller" and n.kind == "full"]),
        *(_ambiguous(place) for place in facts.places if _is_ambiguous(place)),
        *_broken_phones(facts),
        *_known_numbers(facts),
    ]  # fmt: skip
    return [conflict for conflict in found if conflict is not None]


def _several(kind: str, told: Sequence[tuple[str, _Stretch]]) -> Conflict | None:
    values = list(dict.fromkeys(value for value, _ in told))
    if len(values) < 2:
        return None
    text = say(f"conflicts.{kind}", count=len(values), values="、".join(values))
    return Conflict(kind, text, tuple((item.start, item.end) for _, item in told))


def _request_places(facts: Facts) -> list[FoundPlace]:
    """Places of the request; a town that a named village lies in is no second place."""
    told = [p for p in facts.places if p.role == "request" and (p.village or p.town)]
    covered = {place.village[:9] for place in told if place.village}
    return [p for p in told if p.village or p.town not in covered]


def _is_ambiguous(place: FoundPlace) -> bool:
    return place.role == "request" and place.village is None and len(place.candidates) > 1


def _ambiguous(place: FoundPlace) -> Conflict:
    names = [gazetteer().full_name(code[:9], code) for code in place.candidates]
    text = say(
        "conflicts.place_candidates",
        text=place.text,
        count=len(names),
        values="、".join(name for name in names if name),
    )
    return Conflict("place_candidates", text, ((place.start, place.end),))


def _broken_phones(facts: Facts) -> list[Conflict]:
    if any(phone.valid and phone.of == "caller" for phone in facts.phones):
        return []
    return [
        Conflict(
            "partial_phone",
            say("conflicts.partial_phone", values=phone.value),
            ((phone.start, phone.end),),
        )
        for phone in facts.phones
        if not phone.valid
    ]


def _known_numbers(facts: Facts) -> list[Conflict]:
    return [
        Conflict("case_no", say("conflicts.case_no", values=n.value), ((n.start, n.end),))
        for n in facts.case_nos
    ]


def _place_name(place: FoundPlace) -> str:
    return gazetteer().full_name(place.town, place.village)


def _card(index: int, text: str, request: TriageRequest, facts: Facts) -> Card:
    sources = {
        "type": _type_source(request),
        "place": _place_source(request, facts),
        "address": _text_source(request.fields.address, text),
        "contact_name": _name_source(request, facts),
        "contact_phone": _phone_source(request, facts),
        "beneficiaries": _number_source(
            request.fields.beneficiaries, [(c.value, c) for c in facts.counts]
        ),
        "amount_cny": _number_source(
            request.fields.amount_cny, [(a.amount_cny, a) for a in facts.amounts]
        ),
        "person": _text_source(facts.person if request.fields.on_behalf else None, text),
        "groups": _inferred(bool(request.fields.groups)),
        "description": _inferred(True),
    }
    return Card(
        index=index,
        values=_values(request, facts),
        sources={name: source for name, source in sources.items() if source is not None},
        choices=tuple(
            Choice(r.type, taxonomy().label(r.type), r.score) for r in request.ranking[:_CHOICES]
        ),
        missing=tuple(request.missing),
        needs_person=request.needs_person,
    )


def _values(request: TriageRequest, facts: Facts) -> Values:
    fields, extra = request.fields, request.model_extra or {}
    amount = fields.amount_cny
    return {
        "type": request.type,
        "place": gazetteer().full_name(fields.town, fields.village) or None,
        "town": fields.town,
        "village": fields.village,
        "address": fields.address,
        "summary": request.summary,
        "description": str(extra.get("description") or request.summary),
        "contact_name": fields.contact_name,
        "contact_phone": fields.contact_phone,
        "person": facts.person if fields.on_behalf else None,
        "on_behalf": "1" if fields.on_behalf else None,
        "beneficiaries": str(fields.beneficiaries) if fields.beneficiaries is not None else None,
        "amount_cny": str(int(amount)) if amount is not None else None,
        "groups": ",".join(sorted(fields.groups)) or None,
    }


def _type_source(request: TriageRequest) -> Source:
    spans = tuple((words.start, words.end) for words in request.evidence)
    others = [ranked for ranked in request.ranking if ranked.type != request.type]
    if others and request.confidence - others[0].score < CLOSE_CALL:
        why = say("why.runner_up", other=taxonomy().label(others[0].type))
        return Source("low", why, spans, request.confidence)
    sure: Sure = "medium" if request.needs_person else "high"
    return Source(sure, say("why.classifier"), spans, request.confidence)


def _place_source(request: TriageRequest, facts: Facts) -> Source | None:
    fields = request.fields
    if fields.place_candidates and not fields.village:
        spans = tuple((p.start, p.end) for p in facts.places if _is_ambiguous(p))
        return Source("low", say("why.ambiguous", times=len(fields.place_candidates)), spans)
    if not (fields.town or fields.village):
        return None
    told = [p for p in facts.places if p.role == "request" and (p.village or p.town)]
    here = [p for p in told if _within(p, fields.town, fields.village)]
    return _told(here, is_disputed=len(_request_places(facts)) > len(here))


def _within(place: FoundPlace, town: str | None, village: str | None) -> bool:
    return place.village == village if place.village else place.town == town


def _phone_source(request: TriageRequest, facts: Facts) -> Source | None:
    value = request.fields.contact_phone
    if value is None:
        return None
    same = [phone for phone in facts.phones if phone.value == value]
    if any(not phone.valid for phone in same):
        return Source("low", say("why.invalid"), tuple((p.start, p.end) for p in same))
    others = [p for p in facts.phones if p.value != value and p.of == "caller" and p.valid]
    return _told(same, is_disputed=bool(others))


def _name_source(request: TriageRequest, facts: Facts) -> Source | None:
    value = request.fields.contact_name
    if value is None:
        return None
    return _told([n for n in facts.names if n.value in value or value in n.value])


def _number_source(value: float | None, told: Sequence[tuple[float, _Stretch]]) -> Source | None:
    if value is None:
        return None
    return _told([item for said, item in told if said == value])


def _text_source(value: str | None, text: str) -> Source | None:
    if not value:
        return None
    start = text.find(value)
    if start < 0:
        return _inferred(True)
    return Source("medium", say("why.once"), ((start, start + len(value)),))


def _told(said: Sequence[_Stretch], *, is_disputed: bool = False) -> Source:
    """How sure a value is that was said so often, and other values beside it or not."""
    spans = tuple((item.start, item.end) for item in said)
    if not spans:
        return Source("medium", say("why.inferred"))
    if is_disputed:
        return Source("low", say("why.changed"), spans)
    if len(spans) > 1:
        return Source("high", say("why.confirmed", times=len(spans)), spans)
    return Source("medium", say("why.once"), spans)


def _inferred(is_there: bool) -> Source | None:
    return Source("medium", say("why.inferred")) if is_there else None
