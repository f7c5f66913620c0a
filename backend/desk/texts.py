"""What is read aloud and what the caller is sent. Pure."""

import re

from backend.cases.schemas import DueOut
from backend.channels.sms.templates import templates
from backend.conversations.schemas import Notice
from backend.core.clock import local_date
from backend.deadlines.rules import chinese_date
from backend.desk.schemas import CardInput
from backend.desk.wording import say
from backend.places.service import gazetteer
from backend.taxonomy.schemas import Leaf

_LONGEST_ALOUD = 32
_PLACE_BEFORE = re.compile(r"^[^，,。：:]{2,14}[：:]")
_CLAUSE = re.compile(r"[^，,。！!？?；;]+[，,。！!？?；;]*")
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
        summary=_matter(given) or leaf.label,
        case_no=spoken(case_no) if case_no else say("case_no_later"),
        place=_receiver(place),
        due=_by(due),
    )


def _matter(given: CardInput) -> str:
    """The matter as an agent reads it aloud: its first clauses, without the place before them;
    empty where the words have no end that can be heard."""
    told = _PLACE_BEFORE.sub("", given.summary or given.description).rstrip("…")
    said = ""
    for clause in _CLAUSE.findall(told):
        if len(said) + len(clause) > _LONGEST_ALOUD:
            break
        said += clause
    return said.rstrip("，,。；;、！!？? ").replace("。", "，")


def sms(
    leaf: Leaf, place: tuple[str | None, str | None], due: DueOut | None, case_no: str | None
) -> Notice:
    """The registered text the caller gets."""
    wording = _wording_of(leaf)
    open_ended = due is None and wording in ("weishishi", "weixinyuan")
    given = {
        "type": leaf.label,
        "case_no": case_no or say("case_no_later"),
        "place": _receiver(place),
        "due": _day(due) if due else "",
        "what": due.what if due else "",
    }
    return _registered(f"desk_{wording}{'_open' if open_ended else ''}", given)


def joined_reply(case_no: str) -> str:
    """The hotline's answer where the matter is known already."""
    return say("reply.joined", case_no=spoken(case_no))


def joined_sms(matter: str, case_no: str) -> Notice:
    """The registered text for a caller whose matter is known already."""
    return _registered("desk_joined", {"type": matter, "case_no": case_no})


def as_read(message: Notice) -> str:
    """The text message as it arrives, signature included."""
    return templates().fill(message.template, message.variables)


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
    return say("reply.due", day=_day(due), what=due.what)


def _day(due: DueOut) -> str:
    return chinese_date(local_date(due.at)) + (say("provisional") if due.provisional else "")


def _registered(template: str, given: dict[str, str]) -> Notice:
    """The template with the variables it has, each cut to its limit."""
    known = templates().get(template)
    names = [variable.name for variable in known.variables]
    return Notice(template, dict(zip(names, known.values(given), strict=True)))


def _is_whole(town: str | None) -> bool:
    """Parks have no villages to ask for."""
    return town is not None and len(gazetteer().villages_of(town)) <= 1
