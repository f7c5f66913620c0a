"""Which question comes next: a pure reading of fields.yml and the draft."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from actions.intake.draft import Draft, Item
from actions.labels import full_name, short_name, types
from actions.saying import Say, say


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """fields.yml, read once."""
    data: dict[str, Any] = YAML(typ="safe").load(Path(__file__).with_name("fields.yml"))
    return data


@dataclass(frozen=True)
class Missing:
    """A field to ask for, and the matter it belongs to."""

    field: str
    item: Item


def required(item: Item) -> list[str]:
    """The fields a matter needs, in the order of asking."""
    of_type = table()["types"].get(item.type, {})
    rules = {**table()["categories"][item.category], **of_type}
    return list(rules["required"])


def _lacks(draft: Draft, item: Item, field: str) -> bool:
    if field == "phone":
        return not draft.contact.settled
    if field == "person":
        return item.on_behalf and not item.person
    return not item.village


def _may_ask(draft: Draft, field: str) -> bool:
    return draft.tried(field) < int(table()["fields"][field]["tries"])


def next_missing(draft: Draft) -> Missing | None:
    """The first thing to ask for, or nothing when the draft can be read back."""
    for field in table()["fields"]:
        for item in draft.in_scope or draft.items:
            if field in required(item) and _lacks(draft, item, field) and _may_ask(draft, field):
                return Missing(field, item)
    return None


def ask_next(draft: Draft) -> list[Say]:
    """Asks for the first missing thing, else reads the draft back. Notes what was asked."""
    unsure = next((i for i in draft.items if i.alternatives and not i.chosen), None)
    if unsure is not None:
        draft.ask("type")
        return [say("utter_ask_type", options=[_type_option(t) for t in unsure.alternatives])]
    missing = next_missing(draft)
    if missing is None:
        draft.asked = "confirm"
        return readback(draft)
    return [_question(draft, missing)]


def _question(draft: Draft, missing: Missing) -> Say:
    item = missing.item
    if missing.field == "location" and item.candidates:
        draft.ask("location")
        draft.asked = "place_choice"
        names = [full_name(code[:9], code) for code in item.candidates]
        return say("utter_ask_place_choice", options=names)
    spec = table()["fields"][missing.field]
    response = spec["again"] if draft.tried(missing.field) else spec["ask"]
    draft.ask(missing.field)
    if missing.field == "location" and item.town:
        return say("utter_ask_village", town=short_name(item.town))
    return say(response)


def repeat_question(draft: Draft, *, whole: bool = False) -> list[Say]:
    """The pending question once more, after something else was answered; `whole`: word for word."""
    if draft.asked in ("confirm", "correction"):
        return readback(draft) if whole else [say("utter_readback_again")]
    if draft.asked == "referral":
        return _referral_again(draft, whole=whole)
    if draft.asked == "case_no":
        return [say("utter_ask_case_no")]
    if draft.asked == "last4":
        return [say("utter_ask_last4")]
    if draft.asked == "detail":
        return [say("utter_ask_detail")]
    if not draft.items or draft.asked is None:
        return []
    draft.tries[_counted(draft.asked)] = max(0, draft.tried(_counted(draft.asked)) - 1)
    return ask_next(draft)


def _referral_again(draft: Draft, *, whole: bool) -> list[Say]:
    """An offer is not pressed on anybody: once more, then it waits."""
    if draft.tried("referral") and not whole:
        return []
    draft.ask("referral")
    return [say("utter_ask_referral")]


def _counted(asked: str) -> str:
    return "location" if asked == "place_choice" else asked


def _type_option(code: str) -> str:
    label = types()[code]
    return f"{label.category_label}·{label.label}"


def readback(draft: Draft) -> list[Say]:
    """Everything that will be filed, for one word of consent."""
    sayings = [say("utter_readback")]
    for item in draft.in_scope:
        label = types()[item.type]
        sayings.append(
            say(
                "utter_readback_item",
                category=label.category_label,
                type=label.label,
                matter=item.shown,
            )
        )
        sayings.append(_readback_place(item))
    sayings.append(_readback_contact(draft))
    sayings.append(say("utter_readback_ask"))
    return sayings


def _readback_place(item: Item) -> Say:
    place = full_name(item.town, item.village)
    if not place and not item.address:
        return say("utter_readback_no_place")
    return say("utter_readback_place", place=f"{place}{_detail(item)}")


def _detail(item: Item) -> str:
    """The address without the village's name, which stands before it already."""
    stem = short_name(item.village or "").removesuffix("社区").removesuffix("村")
    return (item.address or "").removeprefix(stem)


def _readback_contact(draft: Draft) -> Say:
    contact = draft.contact
    if contact.same_phone and not contact.phone:
        return say("utter_readback_same_phone")
    if not contact.phone:
        return say("utter_readback_anonymous")
    return say(
        "utter_readback_contact", contact=" ".join(filter(None, (contact.name, contact.phone)))
    )
