"""From predictions and facts to the triage result of the contract."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.nlu import call_texts, groups, places, segments, summary
from bot.nlu.alarm import Bars, raised
from bot.nlu.classify.corpus import TypeInfo
from bot.nlu.facts import Facts
from bot.nlu.gazetteer import load
from bot.nlu.normalization import Normalized
from bot.nlu.persons import principal as principal_name
from bot.nlu.spans import Span
from bot.nlu.transcripts import is_transcript

Prediction = Mapping[str, Any]


@dataclass(frozen=True)
class Settings:
    """`needs_person_below`: confidence under which a person looks at the request.
    `alarms`: when the model's scores of danger raise an alert without a sign."""

    needs_person_below: float = 0.6
    alarms: Bars = field(default_factory=Bars)


def assemble(
    normalized: Normalized,
    predictions: Sequence[Prediction],
    facts: Facts,
    kinds: Mapping[str, TypeInfo],
    settings: Settings,
) -> dict[str, Any]:
    """The triage result (contract: requests, alerts, sensitive; here also per-request
    `description`). `predictions` carry offsets of the text as sent."""
    merged = _merge(predictions)
    alerts = _alerts(normalized, predictions, facts, settings.alarms)
    if not alerts:
        merged = [_calmer(prediction) for prediction in merged]
    requests = [
        _request(
            normalized,
            prediction,
            facts,
            kinds[prediction["type"]],
            settings,
            is_only=len(merged) == 1,
        )
        for prediction in merged
    ]
    return {
        "requests": requests,
        "alerts": alerts,
        "sensitive": _sensitive(normalized, facts),
    }


def _merge(predictions: Sequence[Prediction]) -> list[dict[str, Any]]:
    """Neighbouring parts of one type are one request; idle parts beside real ones go."""
    merged: list[dict[str, Any]] = []
    for prediction in predictions:
        last = merged[-1] if merged else None
        if last is not None and last["type"] == prediction["type"]:
            last["end"] = prediction["end"]
            last["confidence"] = max(last["confidence"], prediction["confidence"])
            last["evidence"] = [*last["evidence"], *prediction["evidence"]]
        else:
            merged.append(dict(prediction))
    solid = [p for p in merged if p["type"] != "other_matter"]
    return solid or merged[:1]


def _request(
    normalized: Normalized,
    prediction: Prediction,
    facts: Facts,
    kind: TypeInfo,
    settings: Settings,
    *,
    is_only: bool,
) -> dict[str, Any]:
    start, end = _inside(normalized, prediction)
    fields = _fields(facts, kind, start, end)
    aside = [Span(*_inside(normalized, told)) for told in prediction.get("asides", ())]
    stretch = (0, len(facts.text)) if is_only else (start, end)
    description = _describe(facts, *stretch, aside)
    if not is_only:
        fields |= _of_this_alone(fields, facts, description, start, end)
    return {
        "category": kind.category,
        "group": kind.group,
        "type": kind.code,
        "confidence": prediction["confidence"],
        "needs_person": prediction["confidence"] < settings.needs_person_below,
        "ranking": list(prediction["ranking"]),
        "evidence": list(prediction["evidence"]),
        "summary": _summarise(facts, description, _place_label(fields)),
        "description": description,
        "fields": fields,
        "missing": _missing(kind, fields, facts),
    }


def _inside(normalized: Normalized, prediction: Prediction) -> tuple[int, int]:
    """The prediction's span in normalised offsets."""
    inner = [
        i
        for i, at in enumerate(normalized.offsets)
        if prediction["start"] <= at < prediction["end"]
    ]
    return (inner[0], inner[-1] + 1) if inner else (0, len(normalized.text))


def _fields(facts: Facts, kind: TypeInfo, start: int, end: int) -> dict[str, Any]:
    place = places.principal(facts.places, start, end)
    name = principal_name(list(facts.names))
    on_behalf = facts.on_behalf and kind.category == "weixinyuan"
    told = place.address if place else None
    address = max((detail for detail in (told, facts.address) if detail), key=len, default=None)
    return {
        "town": place.town if place else None,
        "village": place.village if place else None,
        "place_candidates": list(place.candidates) if place else [],
        "address": address,
        "contact_name": name.value if name else None,
        "contact_phone": facts.contact_phone(),
        "on_behalf": on_behalf,
        "beneficiaries": _beneficiaries(facts, kind, start, end, on_behalf),
        "amount_cny": _amount(facts, kind, start, end),
        "groups": list(facts.groups),
    }


def _of_this_alone(
    fields: Mapping[str, Any], facts: Facts, description: str, start: int, end: int
) -> dict[str, Any]:
    """Fields that another matter of the same text must not lend."""
    address = fields["address"]
    is_own = bool(address) and address in facts.text[start:end]
    return {"address": address if is_own else None, "groups": groups.extract(description)}


def _beneficiaries(
    facts: Facts, kind: TypeInfo, start: int, end: int, on_behalf: bool
) -> int | None:
    """How many gain: of a shared matter the largest count told, of one person's wish the person."""
    if kind.category == "weixinyuan":
        return 1 if on_behalf else None
    if kind.category != "weishishi":
        return None
    here = [c for c in facts.counts if start <= c.start < end] or list(facts.counts)
    usable = [count for count in here if count.value > 3 or count.unit == "household"]
    return max((count.value for count in usable), default=None)


_BUDGET = re.compile(r"预算|造价|报价|大概要|需要|要花|估|经费|资金|费用|集资|成本")
_NEED = re.compile(
    r"学费|费|还?差|还?缺|需要|要交|还?要|押金|欠|药|手术|一年|一个月|每月|花|借|自付|凑|补助"
)
_CLAIM = re.compile(r"欠|拖|工资|押金|赔|扣|不退|血汗钱|补偿|克扣")
_PRICE_ONLY = frozenset({"elderly_service"})


def _amount(facts: Facts, kind: TypeInfo, start: int, end: int) -> int | None:
    """The sum that the request is about; prices and money already spent are not."""
    cue = (
        _CLAIM
        if kind.code == "labour_dispute"
        else _NEED
        if kind.group == "hardship_aid"
        else _BUDGET
        if kind.category == "weishishi"
        else None
    )
    if cue is None or kind.code in _PRICE_ONLY:
        return None
    best: tuple[int, int] | None = None
    for amount in facts.amounts:
        if not start <= amount.start < end:
            continue
        around = facts.text[max(0, amount.start - 14) : amount.end + 6]
        hits = len(cue.findall(around)) + 2 * len(re.findall(r"还?差|还?缺|还要|需要", around[:14]))
        if hits and (best is None or (hits, amount.amount_cny) > best):
            best = (hits, amount.amount_cny)
    return best[1] if best else None


def _missing(kind: TypeInfo, fields: Mapping[str, Any], facts: Facts) -> list[str]:
    """What the desk still has to ask, in the order of asking."""
    if kind.category == "out_of_scope":
        return []
    missing = []
    if not fields["village"] and not _whole_town(fields["town"]):
        missing.append("village")
    if not fields["contact_phone"]:
        missing.append("contact_phone")
    if kind.category == "weixinyuan" and not (
        facts.person or fields["contact_name"] or _speaks_for_self(facts.text)
    ):
        missing.append("person")
    return missing


def _whole_town(town: str | None) -> bool:
    """Parks without villages of their own."""
    return town is not None and len(load().of_town(town)) <= 1


def _speaks_for_self(text: str) -> bool:
    return bool(re.search(r"我(?!们|想问|家(?:楼|小区))|本人", text))


def _describe(facts: Facts, start: int, end: int, aside: Sequence[Span]) -> str:
    hidden = _hidden(facts)
    if not facts.turns:
        return summary.describe(facts.text[start:end], summary.inside(hidden, start, end))
    names = [Span(name.start, name.end) for name in facts.names if name.of == "caller"]
    stretches = [
        call_texts.Said(facts.text[first:last], *_at(first, last, hidden, names, aside))
        for turn in facts.turns
        if turn.speaker == "caller"
        and (first := max(turn.start, start)) < (last := min(turn.end, end))
    ]
    return call_texts.describe(stretches)


def _at(start: int, end: int, *kinds: Sequence[Span]) -> list[list[Span]]:
    return [summary.inside(spans, start, end) for spans in kinds]


def _summarise(facts: Facts, description: str, place: str | None) -> str:
    if facts.turns:
        return call_texts.summarise(description, place)
    return summary.summarise(description, place)


def _hidden(facts: Facts) -> list[Span]:
    numbers = [Span(item.start, item.end) for item in facts.sensitive]
    return [*numbers, *(Span(phone.start, phone.end) for phone in facts.phones)]


def _place_label(fields: Mapping[str, Any]) -> str | None:
    gazetteer = load()
    if fields["village"]:
        village = gazetteer.villages[fields["village"]]
        return gazetteer.towns[village.town].official + village.name
    return gazetteer.towns[fields["town"]].official if fields["town"] else None


def _alerts(
    normalized: Normalized, predictions: Sequence[Prediction], facts: Facts, bars: Bars
) -> list[dict[str, Any]]:
    """The alarms with their offsets in the text as sent."""
    found = []
    for alarm in raised(facts.alerts, predictions, facts.text, bars):
        if alarm.prediction is None:
            start, end = normalized.span(alarm.start or 0, alarm.end or 0)
        else:
            span = (alarm.prediction["evidence"] or [alarm.prediction])[0]
            start, end = span["start"], span["end"]
        found.append({"kind": alarm.kind, "start": start, "end": end, "advice": alarm.advice})
    return found


def _calmer(prediction: dict[str, Any]) -> dict[str, Any]:
    """No emergency without an alert: the next likely type stands, for a person to look at."""
    others = [row for row in prediction["ranking"] if row["type"] != "emergency"]
    if prediction["type"] != "emergency" or not others:
        return prediction
    chance = float(others[0]["score"])
    return {**prediction, "type": others[0]["type"], "confidence": chance, "ranking": others}


def _sensitive(normalized: Normalized, facts: Facts) -> list[dict[str, Any]]:
    found = [(item.kind, item.start, item.end) for item in facts.sensitive]
    found += [
        ("phone", phone.start, phone.end) for phone in facts.phones if phone.kind != "partial"
    ]
    result = []
    for kind, start, end in sorted(found, key=lambda item: item[1]):
        first, last = normalized.span(start, end)
        result.append({"kind": kind, "start": first, "end": last})
    return result


def likely_kind(text: str, told: str | None) -> segments.TextKind:
    """The kind a caller of the service told, or a call when the text is plainly one."""
    if told == "transcript" or is_transcript(text):
        return "transcript"
    return "message"
