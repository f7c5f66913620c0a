"""A card's form: prefilled from the machine, checked when filed, compared for training. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from backend.cases.schemas import CaseCreate
from backend.core.clock import SHANGHAI, to_local
from backend.core.privacy import mask_name, mask_phone
from backend.desk.errors import FormRefusedError
from backend.desk.masking import without_people
from backend.desk.schemas import Card, CardInput, Values
from backend.desk.wording import has, say
from backend.places.service import gazetteer
from backend.taxonomy.service import taxonomy

COMPARED = (
    "type", "town", "village", "address", "summary", "description", "contact_name",
    "contact_phone", "person", "on_behalf", "beneficiaries", "amount_cny", "groups",
)  # fmt: skip
_NUMBERS = ("beneficiaries", "amount_cny")
_EXACT = 0.9
_TEXTS = tuple(name for name in CardInput.__dataclass_fields__ if name not in
               ("on_behalf", "anonymous", "groups"))  # fmt: skip


def prefilled(card: Card, ref: str | None, due: datetime | None) -> CardInput:
    """The form as the machine would send it."""
    values = card.values
    texts: dict[str, Any] = {name: values.get(name) or "" for name in _TEXTS}
    texts["external_ref"] = ref or ""
    texts["external_due"] = to_local(due).strftime("%Y-%m-%dT%H:%M") if due else ""
    groups = values.get("groups")
    return CardInput(
        **texts,
        on_behalf=bool(values.get("on_behalf")),
        groups=tuple(groups.split(",")) if groups else (),
    )


def sent(form: Mapping[str, Any], groups: list[str]) -> CardInput:
    """The form as a browser sends it; unknown fields are ignored, nothing is checked."""
    texts: dict[str, Any] = {name: str(form.get(name) or "").strip()[:20_000] for name in _TEXTS}
    return CardInput(
        **texts,
        on_behalf=bool(form.get("on_behalf")),
        anonymous=bool(form.get("anonymous")),
        groups=tuple(sorted(set(groups))),
    )


def resolve_place(said: str) -> tuple[str | None, str | None]:
    """Town and village codes of a name as the desk shows it; both None for an empty one.

    Raises:
        FormRefusedError: no such place, or several of that name.
    """
    if not said:
        return None, None
    hits = gazetteer().search(said, limit=20)
    best = [hit for hit in hits if hit.score == hits[0].score and hit.score >= _EXACT]
    if not best:
        raise FormRefusedError({"place": say("problems.place")})
    if len(best) > 1:
        problem = say("problems.place_ambiguous", count=len(best))
        raise FormRefusedError({"place": problem})
    return best[0].town, best[0].village


def agent_values(given: CardInput) -> Values:
    """The form in the shape the machine's values have."""
    try:
        town, village = resolve_place(given.place)
    except FormRefusedError:
        town = village = None
    values: Values = {name: getattr(given, name) or None for name in _TEXTS if name in COMPARED}
    return values | {
        "place": given.place or None,
        "town": town,
        "village": village,
        "on_behalf": "1" if given.on_behalf else None,
        "groups": ",".join(given.groups) or None,
    }


def to_case(given: CardInput) -> CaseCreate:
    """The case to file.

    Raises:
        FormRefusedError: what is missing or cannot be read, by field.
    """
    problems: dict[str, str] = {}
    values: dict[str, Any] = {
        name: getattr(given, name) or None for name in _TEXTS if name not in ("place", *_NUMBERS)
    }
    try:
        values["town"], values["village"] = resolve_place(given.place)
    except FormRefusedError as refused:
        problems |= refused.problems
    for name in _NUMBERS:
        values[name] = _number(getattr(given, name), name, problems)
    values["external_due"] = _due(given.external_due, problems)
    if taxonomy().leaf(given.type) is None:
        problems["type"] = say("problems.type")
    if not given.description:
        problems["description"] = say("problems.description")
    flags = {"on_behalf": given.on_behalf, "anonymous": given.anonymous, "groups": given.groups}
    return _checked(values | flags, problems)


def _checked(values: dict[str, Any], problems: dict[str, str]) -> CaseCreate:
    try:
        new = CaseCreate.model_validate(values | {"channel": "hotline", "labelled_by": "agent"})
    except ValidationError as error:
        for fault in error.errors():
            name = str(fault["loc"][0])
            problems.setdefault(name, _problem(name, fault["type"]))
        raise FormRefusedError(problems) from error
    if problems:
        raise FormRefusedError(problems)
    return new


def _problem(name: str, kind: str) -> str:
    if kind == "string_too_long":
        return say("problems.too_long")
    return say(f"problems.{name}" if has(f"problems.{name}") else "problems.other")


def _number(said: str, name: str, problems: dict[str, str]) -> int | None:
    plain = said.replace(",", "").replace("，", "").strip()
    if not plain:
        return None
    if not plain.isdecimal():
        problems[name] = say(f"problems.{name}")
        return None
    return int(plain)


def _due(said: str, problems: dict[str, str]) -> datetime | None:
    if not said:
        return None
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        problems["external_due"] = say("problems.external_due")
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def differences(machine: Values, agent: Values) -> list[str]:
    """The fields the agent changed."""
    return [name for name in COMPARED if (machine.get(name) or None) != (agent.get(name) or None)]


def for_training(field: str, value: str | None, names: Sequence[str]) -> str | None:
    """A value as it may be kept with the labelled data: people masked, ``names`` left out."""
    if value is None:
        return None
    if field == "contact_phone":
        return mask_phone(value)
    if field in ("contact_name", "person"):
        return mask_name(value)
    return without_people(value, names, ())
