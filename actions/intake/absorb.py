"""Takes everything a message holds into the draft: nothing said is lost, nothing known is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from actions.hearing import CONTACT_QUESTIONS, PLACE_QUESTIONS, says
from actions.intake.draft import Draft, Item
from actions.labels import namesake, town_of, types
from actions.turn import Turn

# two types this close, in different categories, are put to the citizen
MIN_CONFIDENCE = 0.55
MAX_GAP = 0.2
_NEW_MATTER_CONFIDENCE = 0.5
_NEW_MATTER_CHARS = 8
_BRINGING = ("report", "announce", "another", "nlu_fallback")
_ANOTHER = re.compile(r"还有|另外|顺便|对了[，, ]|^对了(?=.{4})|仲有|再就是|第二件|除了这个")
# words left over once numbers, places and names are taken out, from which they tell something
_TELLING_CHARS = 8
_VAGUE_CHARS = 16
_HERE = re.compile(
    r"[我咱]们?(?:村|社区|这|那|小区)|我哋|这里|这边|那里|那边|呢度|呢边|嗰度|嗰边|同一个|[他她佢]家"
)
# nobody chooses these for themselves: danger has its own alert, the rest has no door
_NEVER_OFFERED = ("emergency", "other_matter")


@dataclass
class Change:
    """What a message did to the draft; `kept`: its words stand with the matter now."""

    added: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    new_items: list[Item] = field(default_factory=list)
    bad_phone: str | None = None
    kept: bool = False

    @property
    def anything(self) -> bool:
        """Whether the message told something."""
        return bool(self.added or self.replaced or self.new_items)


def absorb(draft: Draft, turn: Turn) -> Change:
    """Merges a turn's matters and facts into the draft, in place."""
    change = Change()
    draft.contact.same_phone = turn.number_known and not draft.contact.declined
    if _brings_matters(draft, turn):
        _open_items(draft, turn, change)
    elif draft.items and _tells_more(turn, draft):
        change.kept = _tell_more(draft.items[-1], turn)
    _take_phone(draft, turn, change)
    _take_name(draft, turn, change)
    _take_place(draft, turn, change)
    _take_numbers(draft, turn, change)
    return change


def _brings_matters(draft: Draft, turn: Turn) -> bool:
    if not turn.requests or turn.intent not in _BRINGING:
        return False
    if not draft.items:
        return True
    announced = turn.intent == "another" or _ANOTHER.search(turn.text) is not None
    best = turn.requests[0]
    known = {item.type for item in draft.items}
    return (
        best["type"] not in known
        and best["category"] != "out_of_scope"
        and best["confidence"] >= _NEW_MATTER_CONFIDENCE
        and len(turn.text) >= _NEW_MATTER_CHARS
        and (draft.asked in (None, "confirm", "detail", "referral") or announced)
    )


def _open_items(draft: Draft, turn: Turn, change: Change) -> None:
    draft.open(turn)
    draft.dropped = []
    for request in turn.requests:
        item = _item(request, turn)
        if draft.prelude:
            item.text, draft.prelude = f"{draft.prelude}\n{item.text}", ""
        _inherit_place(item, draft, turn.text if len(turn.requests) == 1 else item.text)
        draft.items.append(item)
        change.new_items.append(item)


def _inherit_place(item: Item, draft: Draft, told: str) -> None:
    """A matter told later lies where the one before lies, unless it says otherwise.

    One that was filed before counts only for “我们村”, “这里”, “还有一件” and the like in `told`.
    """
    if item.town or item.candidates:
        return
    if draft.place:
        _set_place(item, draft.place)
        return
    village = next((e.village for e in reversed(draft.items) if e.village), None)
    if village is None and (_HERE.search(told) or _ANOTHER.search(told)):
        village = draft.contact.village
    if village:
        item.town, item.village = town_of(village), village


def _item(request: dict[str, Any], turn: Turn) -> Item:
    fields = request.get("fields") or {}
    item = Item(
        text=str(request.get("description") or turn.text),
        category=request["category"],
        type=request["type"],
        confidence=float(request["confidence"]),
        summary=str(request.get("summary") or ""),
        alternatives=_alternatives(request),
        town=fields.get("town"),
        village=fields.get("village"),
        candidates=list(fields.get("place_candidates") or ()),
        address=fields.get("address"),
        beneficiaries=fields.get("beneficiaries"),
        amount_cny=fields.get("amount_cny"),
        groups=list(fields.get("groups") or ()),
        on_behalf=bool(fields.get("on_behalf")),
        person=turn.facts.get("person"),
    )
    if turn.card_village and not (item.town or item.village or item.candidates):
        item.village, item.town = turn.card_village, town_of(turn.card_village)
    return item


def _alternatives(request: dict[str, Any]) -> list[str]:
    """The two types to choose between, when the machine cannot tell which category it is."""
    ranking = request.get("ranking") or []
    if len(ranking) < 2 or request["confidence"] >= MIN_CONFIDENCE:
        return []
    rival = next((r for r in ranking[1:] if _is_rival(r["type"], request["category"])), None)
    own = next((r["score"] for r in ranking if r["type"] == request["type"]), 0.0)
    if rival is None or own - rival["score"] > MAX_GAP:
        return []
    return [request["type"], rival["type"]]


def _is_rival(type_: str, category: str) -> bool:
    return types()[type_].category != category and type_ not in _NEVER_OFFERED


def _tells_more(turn: Turn, draft: Draft) -> bool:
    """Whether the message says something of the matter, not only a place, a number or a name."""
    if turn.intent in ("report", "supplement", "another"):
        return bool(turn.words)
    told = turn.left_over() >= _TELLING_CHARS and not (turn.yes or turn.no)
    if draft.asked == "confirm":
        return told and turn.intent != "correct" and not turn.aside
    return told and turn.intent in ("inform", "nlu_fallback")


def _tell_more(item: Item, turn: Turn) -> bool:
    """More words about the same matter; they decide its type when the first ones said little."""
    before = len(item.text)
    if not note(item, turn.words):
        return False
    if turn.requests and _says_it_better(item, turn, before):
        retell(item, turn.requests[0])
    return True


def note(item: Item, words: str) -> bool:
    """Adds words to what was said of a matter; False when they stand there already."""
    if not words or words in item.text:
        return False
    item.text = f"{item.text}\n{words}"
    return True


def _says_it_better(item: Item, turn: Turn, before: int) -> bool:
    """A matter of the programme is never turned away by an answer or an afterthought."""
    best = turn.requests[0]
    if turn.intent == "inform" or (
        turn.facts_told and item.in_scope and best["category"] == "out_of_scope"
    ):
        return False
    if before <= _VAGUE_CHARS:
        return str(best["type"]) != "other_matter"
    return float(best["confidence"]) > item.confidence and best["category"] == item.category


def retell(item: Item, request: dict[str, Any]) -> None:
    """The matter is what this later request says; what was said before stays in its text."""
    said = str(request.get("description") or "")
    if said and said not in item.text:
        item.text = f"{item.text}\n{said}"
    item.type, item.category = request["type"], request["category"]
    item.confidence = float(request["confidence"])
    item.summary = str(request.get("summary") or item.summary)


def _take_phone(draft: Draft, turn: Turn, change: Change) -> None:
    valid = turn.phones(valid=True) or _mended(draft, turn)
    if draft.asked in CONTACT_QUESTIONS and turn.any_phone:
        valid = [turn.any_phone]
    if valid:
        number = valid[-1]
        if draft.contact.phone and draft.contact.phone != number:
            change.replaced.add("phone")
        elif not draft.contact.phone:
            change.added.add("phone")
        draft.contact.phone, draft.contact.declined = number, False
        return
    if says("number", turn.text) and says("no_number", turn.text) and not draft.contact.phone:
        draft.contact = replace(draft.contact, same_phone=False, declined=True)
        return
    broken = turn.phones(valid=False)
    if broken and (draft.asked == "phone" or draft.items):
        change.bad_phone = broken[-1]


def _mended(draft: Draft, turn: Turn) -> list[str]:
    """The number on record with its last digits as said now (“最后是9001”)."""
    known, tail = draft.contact.phone, turn.phone_tail
    if not known or not tail or draft.asked not in ("confirm", "correction", "phone"):
        return []
    return [known[: -len(tail)] + tail]


def _take_name(draft: Draft, turn: Turn, change: Change) -> None:
    names = [n for n in turn.facts.get("names") or () if n.get("of", "caller") == "caller"]
    if draft.asked not in ("phone", "name", "confirm", "correction"):
        names = [n for n in names if n.get("kind") != "bare"]
    if not names:
        return
    name = names[-1]["value"]
    if draft.contact.name and draft.contact.name != name:
        change.replaced.add("name")
    elif not draft.contact.name:
        change.added.add("name")
    draft.contact.name = name


def _take_place(draft: Draft, turn: Turn, change: Change) -> None:
    """Sets the place on every matter that has none, or replaces it when the citizen corrects it."""
    places = turn.places("request")
    if not places:
        return
    place = places[-1]
    if not draft.items:
        draft.place = place
        change.added.add("location")
    targets = _place_targets(draft, turn, change)
    paired = len(targets) == len(places) > 1
    for item, own in zip(targets, places if paired else [place] * len(targets), strict=True):
        before = (item.town, item.village)
        _set_place(item, own)
        if (item.town, item.village) == before:
            continue
        known = before[1] or (before[0] if not item.village else None)
        (change.replaced if known else change.added).add("location")


def _place_targets(draft: Draft, turn: Turn, change: Change) -> list[Item]:
    """A message's own matters already carry their places; other matters take a place told later."""
    old = [item for item in draft.items if item not in change.new_items]
    open_ones = [item for item in old if not item.village]
    corrects = turn.intent == "correct" or draft.asked in ("confirm", "correction")
    if corrects or turn.places("negated") or draft.asked in PLACE_QUESTIONS:
        return open_ones or old
    return open_ones


def _set_place(item: Item, place: dict[str, Any]) -> None:
    candidates = list(place.get("candidates") or ())
    village, town = place.get("village"), place.get("town")
    if candidates and item.town:
        fitting = [code for code in candidates if town_of(code) == item.town]
        village = fitting[0] if len(fitting) == 1 else village
        candidates = [] if village else candidates
    if item.candidates and town and not village:
        fitting = [code for code in item.candidates if town_of(code) == town]
        village = fitting[0] if len(fitting) == 1 else None
    elif item.village and town and town != item.town and not (village or candidates):
        village = namesake(item.village, town)
    item.candidates = [] if village else candidates
    item.town = town_of(village) if village else (town or (None if candidates else item.town))
    item.village = village
    item.address = place.get("address") or item.address


def _take_numbers(draft: Draft, turn: Turn, change: Change) -> None:
    """Counts, money, groups and whom it is for, told after the first message."""
    for item in draft.items:
        if item in change.new_items:
            continue
        counts, amounts = turn.facts.get("counts") or (), turn.facts.get("amounts") or ()
        if counts and item.category == "weishishi":
            item.beneficiaries = counts[-1]["value"]
            change.added.add("beneficiaries")
        if amounts and item.category == "weixinyuan":
            item.amount_cny = amounts[-1]["amount_cny"]
            change.added.add("amount")
        item.groups = sorted({*item.groups, *(turn.facts.get("groups") or ())})
        if turn.facts.get("on_behalf"):
            item.on_behalf = True
        item.person = item.person or turn.facts.get("person")
