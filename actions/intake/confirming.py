"""The read-back: a yes files, anything else mends it, and nothing said there is lost."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.hearing import says
from actions.intake.absorb import Change, note
from actions.intake.draft import Draft, Item
from actions.intake.questions import ask_next, readback, repeat_question, table
from actions.intake.step import Step
from actions.labels import types
from actions.saying import say
from actions.turn import Turn

_FIELD_NAMING_CHARS = 12
_WHERE = re.compile(
    r"^(?:不对|不是|错了|哦|啊)?[，, ]*(?:地点|地址|位置|地方)"
    r"(?:应该|其实|写错了?|错了|不对)?[，, ]*(?:是|在|改成|改为|：|:)\s*(?P<address>.{2,60})$"
)


def on_confirm(draft: Draft, turn: Turn, change: Change) -> Step:
    """One answer to “对吗？”."""
    if change.bad_phone:
        draft.asked = "phone"
        return Step([say("utter_phone_invalid", phone=change.bad_phone)])
    if change.replaced:
        _ask_village_again(draft)
        return Step([say("utter_corrected"), *ask_next(draft)])
    if turn.skips and (draft.contact.phone or draft.contact.same_phone):
        draft.contact = replace(draft.contact, phone=None, same_phone=False, declined=True)
        return Step([say("utter_corrected"), *readback(draft)])
    if turn.yes or turn.choice == 1:
        return Step(file=True)
    if change.added or change.kept:
        return Step([say("utter_added"), *ask_next(draft)])
    if turn.no or turn.choice == 2 or turn.intent == "correct":
        return _correction(draft, turn)
    return Step(repeat_question(draft))


def _ask_village_again(draft: Draft) -> None:
    """A corrected town has villages that were never asked for."""
    if any(item.town and not item.village for item in draft.in_scope):
        draft.tries["location"] = min(draft.tried("location"), 1)


def _correction(draft: Draft, turn: Turn) -> Step:
    """“不对” alone asks what is wrong; a field named without its value asks for that field."""
    name = _names_field(turn)
    if name:
        draft.asked = name
        return Step([say(table()["fields"][name]["ask"])])
    if _mend_matter(draft.in_scope[-1], turn):
        draft.asked = "confirm"
        return Step([say("utter_corrected"), *readback(draft)])
    draft.asked = "correction"
    return Step([say("utter_ask_correction")])


def _names_field(turn: Turn) -> str | None:
    """The field that “地址不对” or “电话错了” names, where nothing more is said."""
    if len(turn.text) > _FIELD_NAMING_CHARS or says("asks", turn.text) or _WHERE.match(turn.text):
        return None
    fields = table()["fields"].items()
    return next((n for n, spec in fields if any(w in turn.text for w in spec["mentions"])), None)


def on_correction(draft: Draft, turn: Turn, change: Change) -> Step:
    """What the citizen says is wrong, after being asked for it."""
    if turn.yes and not change.anything:
        return Step(file=True)
    if not change.anything and _names_field(turn):
        return _correction(draft, turn)
    if not change.anything and not _mend_matter(draft.in_scope[-1], turn):
        note(draft.in_scope[-1], turn.words)
    draft.asked = "confirm"
    return Step([say("utter_corrected"), *ask_next(draft)])


def _mend_matter(item: Item, turn: Turn) -> bool:
    """A correction of where it is exactly, or of what it is (“不是路灯，是路面”)."""
    where = _WHERE.match(turn.text)
    if where:
        item.address = where["address"]
        return True
    return _retype(item, turn)


def _retype(item: Item, turn: Turn) -> bool:
    for request in turn.requests[:1]:
        ranking = request.get("ranking") or [{"type": request["type"]}]
        better = next((r["type"] for r in ranking if r["type"] != item.type), None)
        if better and request["category"] != "out_of_scope":
            item.type, item.category = better, types()[better].category
            note(item, turn.words)
            return True
    return False
