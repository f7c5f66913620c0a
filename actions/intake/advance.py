"""One step of the intake: a turn in, the draft moved on, what to say and whether to file out.

Pure: no clock, no network, no dispatcher. The table `_WAITING` names what happens for each question
that may be open.
"""

from __future__ import annotations

from collections.abc import Callable

from actions.hearing import says
from actions.intake.absorb import Change, absorb, note, retell
from actions.intake.confirming import on_confirm, on_correction
from actions.intake.draft import Draft, Item
from actions.intake.questions import ask_next, repeat_question, table
from actions.intake.step import Step
from actions.labels import types
from actions.saying import Say, say
from actions.turn import Turn

_FACT_NAMES = {"location": "地方", "phone": "号码", "name": "称呼"}
# a message up to this long that is of no known kind is asked about before it is turned away
_UNCLEAR_CHARS = 24
_SHORT_NO_CHARS = 8
_DETAIL_TRIES = 3
_SAYS_WHAT_CONFIDENCE = 0.6


def advance(draft: Draft, turn: Turn) -> Step:
    """Moves the draft on by one message."""
    if turn.intent == "cancel":
        return _cancel(draft, turn)
    if not draft.items and draft.dropped and says("revive", turn.text):
        return _revive(draft, turn)
    if turn.intent in ("announce", "another") and not _says_what(turn):
        draft.asked = "detail"
        return Step([say("utter_ask_detail")])
    change = absorb(draft, turn)
    if _is_unclear(draft, change):
        return _ask_what(draft)
    if not draft.items:
        return _ask_detail(draft, turn, change)
    return _WAITING.get(draft.asked or "", _go_on)(draft, turn, change)


def _is_unclear(draft: Draft, change: Change) -> bool:
    """A first message that names no matter of any kind (“到底有没有人管”), asked about once."""
    if draft.tried("detail") or not len(change.new_items) == len(draft.items) == 1:
        return False
    item = draft.items[0]
    return item.type == "other_matter" and len(item.text) <= _UNCLEAR_CHARS


def _ask_what(draft: Draft) -> Step:
    item = draft.items.pop()
    draft.prelude = item.text
    draft.ask("detail")
    return Step([say("utter_unclear_matter")])


def _ask_detail(draft: Draft, turn: Turn, change: Change) -> Step:
    """There is no matter yet; what was told besides is kept, and said to be kept."""
    if change.added or change.replaced:
        draft.asked = "detail"
        kept = "、".join(_FACT_NAMES[f] for f in _FACT_NAMES if f in change.added | change.replaced)
        return Step([say("utter_noted_ask_detail", kept=kept)])
    answers_nothing = turn.choice or turn.intent in ("affirm", "deny", "skip")
    if answers_nothing and draft.asked is None:
        return Step([say("utter_at_rest")])
    if draft.tried("detail") >= _DETAIL_TRIES:
        draft.asked = None
        return Step([say("utter_nonsense")])
    if turn.intent in ("report", "inform", "affirm") or draft.asked == "detail":
        draft.ask("detail")
    return Step([say("utter_ask_detail" if draft.asked == "detail" else "utter_nonsense")])


def _says_what(turn: Turn) -> bool:
    """Whether an announcement already holds the matter (“还有，路灯坏了”)."""
    return any(
        request["type"] != "other_matter" and request["confidence"] >= _SAYS_WHAT_CONFIDENCE
        for request in turn.requests
    )


def _cancel(draft: Draft, turn: Turn) -> Step:
    """“先别登记，我问下老公” waits; anything else ends it, and may be taken back with one word."""
    if not draft.items:
        return Step([say("utter_nothing_to_cancel")])
    if says("wait", turn.text):
        return Step([say("utter_waiting")])
    dropped = draft.items
    draft.close()
    draft.dropped = dropped
    return Step([say("utter_cancelled")])


def _revive(draft: Draft, turn: Turn) -> Step:
    draft.open(turn)
    draft.items, draft.dropped = draft.dropped, []
    return Step([say("utter_revived"), *ask_next(draft)])


def _go_on(draft: Draft, turn: Turn, change: Change) -> Step:
    """Says what was understood and asks the first missing thing in the same message."""
    if change.bad_phone and not draft.contact.phone:
        draft.ask("phone")
        return Step([*_understood(change), say("utter_phone_invalid", phone=change.bad_phone)])
    if not draft.in_scope and not any(i.alternatives and not i.chosen for i in draft.items):
        return _redirect(draft, change)
    city = _other_city(draft, turn)
    if city:
        draft.asked = "other_city"
        return Step([say("utter_other_city", city=city)])
    waited_for = draft.asked
    question = ask_next(draft)
    if draft.asked == waited_for and not change.new_items and (change.kept or change.added):
        return Step([say("utter_added"), *question])
    return Step([*_understood(change), *question])


def _other_city(draft: Draft, turn: Turn) -> str | None:
    """Another city that the message puts the matter in, as long as no place here is known."""
    here = any(item.town or item.candidates for item in draft.in_scope)
    return None if here or not draft.in_scope else turn.facts.get("other_city")


def _on_other_city(draft: Draft, turn: Turn, change: Change) -> Step:
    """The matter lies in Dongguan after all, or the draft ends here."""
    here = bool(turn.places("request"))
    if not here and (turn.no or turn.facts.get("other_city")):
        draft.close()
        return Step([say("utter_other_city_closed")])
    return _on_location(draft, turn, change)


def _understood(change: Change) -> list[Say]:
    sayings = []
    fresh = [item for item in change.new_items if not (item.alternatives and not item.chosen)]
    taken = [item for item in fresh if item.in_scope]
    if len(taken) > 1:
        names = "、".join(_name(item) for item in taken)
        sayings.append(say("utter_understood_several", count=len(taken), names=names))
    elif taken:
        sayings.append(say(f"utter_understood_{taken[0].category}", name=_name(taken[0])))
    sayings += [say(f"utter_redirect_{item.type}") for item in fresh if not item.in_scope]
    return sayings


def _name(item: Item) -> str:
    label = types()[item.type]
    return f"【{label.category_label}·{label.label}】"


def _redirect(draft: Draft, change: Change) -> Step:
    """Not for this programme: the right door first, then the offer to hand it on."""
    doors = [say(f"utter_redirect_{item.type}") for item in change.new_items] or [
        say(f"utter_redirect_{draft.items[-1].type}")
    ]
    told = list(change.new_items)
    if all(item.type in ("other_matter", "emergency") for item in draft.items):
        draft.close()
        return Step(doors)
    draft.asked = "referral"
    return Step([*doors, say("utter_offer_referral")], elsewhere=told)


def _on_type(draft: Draft, turn: Turn, change: Change) -> Step:
    item = next(i for i in draft.items if i.alternatives and not i.chosen)
    item.chosen = True
    choice = turn.choice or _named_option(item, turn.text)
    if choice is not None and 1 <= choice <= len(item.alternatives):
        item.type = item.alternatives[choice - 1]
        item.category = types()[item.type].category
    elif turn.requests:
        retell(item, turn.requests[0])
    change.new_items.append(item)
    return _go_on(draft, turn, change)


def _named_option(item: Item, text: str) -> int | None:
    for n, code in enumerate(item.alternatives, 1):
        label = types()[code]
        if label.label in text or label.category_label in text:
            return n
    return None


def _on_location(draft: Draft, turn: Turn, change: Change) -> Step:
    if _other_city(draft, turn):
        return _go_on(draft, turn, change)
    item = next((i for i in draft.in_scope if not i.village), None)
    if item is not None and _is_bare_address(turn, change):
        item.address = turn.text[:120]
    elif item is not None and not change.anything and not change.kept and turn.intent == "inform":
        change.kept = note(item, turn.words)
    elif item is not None and _declines(turn):
        draft.tries["location"] = int(table()["fields"]["location"]["tries"])
        item.candidates = []
    return _go_on(draft, turn, change)


def _is_bare_address(turn: Turn, change: Change) -> bool:
    """Words that name no village we know, given as the answer to “where”."""
    answers = turn.intent in ("inform", "correct", "nlu_fallback") and not turn.yes
    told = says("where", turn.text) and turn.facts.get("answers_where", True)
    return bool(answers and not change.anything and not change.kept and told)


def _on_place_choice(draft: Draft, turn: Turn, change: Change) -> Step:
    item = next((i for i in draft.in_scope if i.candidates), None)
    if item is not None and turn.choice and turn.choice <= len(item.candidates):
        item.village = item.candidates[turn.choice - 1]
        item.town, item.candidates = item.village[:9], []
    return _on_location(draft, turn, change) if not turn.choice else _go_on(draft, turn, change)


def _on_phone(draft: Draft, turn: Turn, change: Change) -> Step:
    if change.bad_phone and not draft.contact.phone:
        draft.ask("phone")
        return Step([say("utter_phone_invalid", phone=change.bad_phone)])
    if not draft.contact.phone and _declines(turn):
        draft.contact.declined = True
        return Step([say("utter_anonymous_noted"), *_go_on(draft, turn, change).sayings])
    return _go_on(draft, turn, change)


def _on_person(draft: Draft, turn: Turn, change: Change) -> Step:
    item = next((i for i in draft.in_scope if i.on_behalf and not i.person), None)
    if item is not None and not _declines(turn):
        item.person = turn.text[:60]
    return _go_on(draft, turn, change)


def _on_confirm(draft: Draft, turn: Turn, change: Change) -> Step:
    return _go_on(draft, turn, change) if change.new_items else on_confirm(draft, turn, change)


def _on_referral(draft: Draft, turn: Turn, change: Change) -> Step:
    if draft.in_scope:
        draft.items = change.new_items = draft.in_scope
        return _go_on(draft, turn, change)
    if turn.intent == "correct" and not turn.facts_told:
        draft.close()
        draft.prelude, draft.asked = turn.words, "detail"
        return Step([say("utter_ask_detail")])
    if turn.no or turn.choice == 2:
        draft.close()
        return Step([say("utter_referral_declined")])
    if turn.yes or turn.choice == 1 or change.added & {"phone"}:
        return _refer(draft)
    return Step([say(f"utter_redirect_{draft.items[-1].type}"), *repeat_question(draft)])


def _refer(draft: Draft) -> Step:
    if not draft.contact.settled and draft.tried("phone") < 2:
        draft.ask("phone")
        draft.asked = "referral_phone"
        return Step([say("utter_ask_referral_phone")])
    return Step(refer=True)


def _on_referral_phone(draft: Draft, turn: Turn, change: Change) -> Step:
    if change.bad_phone and not draft.contact.phone:
        return Step([say("utter_phone_invalid", phone=change.bad_phone)])
    if not draft.contact.phone:
        draft.contact.declined = True
    return Step(refer=True)


_WAITING: dict[str, Callable[[Draft, Turn, Change], Step]] = {
    "type": _on_type,
    "location": _on_location,
    "place_choice": _on_place_choice,
    "other_city": _on_other_city,
    "phone": _on_phone,
    "person": _on_person,
    "confirm": _on_confirm,
    "correction": on_correction,
    "referral": _on_referral,
    "referral_phone": _on_referral_phone,
}


def _declines(turn: Turn) -> bool:
    """A short no; “不是政策，是我自己住院” is no answer to a question for a number."""
    return turn.skips or (turn.no and len(turn.text) <= _SHORT_NO_CHARS)
