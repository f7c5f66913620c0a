"""What is read aloud and what the caller is sent. Pure."""

import re

from backend.cases.schemas import DueOut
from backend.core.clock import local_date
from backend.deadlines.rules import chinese_date
from backend.desk.schemas import CardInput
from backend.desk.wording import say
from backend.places.service import gazetteer
from backend.taxonomy.schemas import Leaf

_MOBILE = re.compile(r"1[3-9]\d{9}")
_ASKED: dict[str, tuple[str, ...]] = {
    "weishishi": ("description", "village", "address", "contact_phone", "contact_name"),
    "weixinyuan": ("description", "village", "contact_phone", "contact_name"),
    "out_of_scope": ("description", "contact_phone"),
    "emergency": ("village", "address", "contact_phone"),
}


def missing(
    given: CardInput, leaf: Leaf | None, place: tuple[str | None, str | None]
) -> tuple[str, ...]:
    """What is still to be asked, in the order of asking."""
    town, village = place
    there = {
        "description": bool(given.description),
        "village": village is not None or _is_whole(town),
        "address": bool(given.address),
        "contact_phone": bool(given.contact_phone) or given.anonymous,
        "contact_name": bool(given.contact_name) or given.anonymous,
        "person": bool(given.person) or not given.on_behalf,
    }
    asked = _ASKED[_wording_of(leaf) if leaf else "weishishi"]
    return tuple(name for name in (*asked, "person") if not there[name])


def question(gaps: tuple[str, ...]) -> str:
    """The next thing to ask, as a sentence to read aloud."""
    return say(f"questions.{gaps[0]}" if gaps else "questions.done")


def can_text(phone: str) -> bool:
    """Whether a number takes short messages."""
    return _MOBILE.fullmatch(re.sub(r"[\s\-]", "", phone)) is not None


def reply(
    given: CardInput, leaf: Leaf, place: tuple[str | None, str | None], due: DueOut | None,
    case_no: str | None,
) -> str:  # fmt: skip
    """The hotline's answer to the caller."""
    return say(
        f"reply.{_wording_of(leaf)}",
        summary=given.summary or given.description[:40],
        case_no=spoken(case_no) if case_no else say("case_no_later"),
        place=_receiver(place),
        due=_by(due),
    )


def sms(
    leaf: Leaf, place: tuple[str | None, str | None], due: DueOut | None, case_no: str | None
) -> str:
    """The message the caller gets."""
    return say(
        f"sms.{_wording_of(leaf)}",
        matter=leaf.label,
        case_no=case_no or say("case_no_later"),
        place=_receiver(place),
        due=_by(due),
    )


def joined_reply(case_no: str) -> str:
    """The hotline's answer where the matter is known already."""
    return say("reply.joined", case_no=spoken(case_no))


def joined_sms(matter: str, case_no: str) -> str:
    """The message to a caller whose matter is known already."""
    return say("sms.joined", matter=matter, case_no=case_no)


def spoken(case_no: str) -> str:
    """WSS 261103 0001 6: in groups that can be read aloud."""
    return f"{case_no[:3]} {case_no[3:9]} {case_no[9:13]} {case_no[13:]}"


def _wording_of(leaf: Leaf) -> str:
    """Danger is spoken of in its own words, everything else by its category."""
    return leaf.type if leaf.type == "emergency" else leaf.category


def _receiver(place: tuple[str | None, str | None]) -> str:
    places = gazetteer()
    town, village = place
    if village in places.villages:
        return places.villages[village].short
    return places.towns[town].name if town in places.towns else say("reply.nowhere")


def _by(due: DueOut | None) -> str:
    if due is None:
        return say("reply.no_due")
    return say("reply.due", day=chinese_date(local_date(due.at)), what=due.what)


def _is_whole(town: str | None) -> bool:
    """Parks have no villages to ask for."""
    return town is not None and len(gazetteer().villages_of(town)) <= 1
