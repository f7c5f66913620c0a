"""The registered texts: filling them in, measuring them, exporting them for registration.

``templates.yml`` is the one place of every text message's wording.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from backend.channels.sms.segments import clip, segments, units

_FILE = Path(__file__).with_name("templates.yml")
_NAME = re.compile(r"\{([a-z_]+)\}")
_LINE_BREAKS = re.compile(r"\s*\n\s*")
REPLY = "reply"
SHEET_COLUMNS = (
    "name", "template_id", "use", "signature", "content", "variables", "longest", "units",
    "segments",
)  # fmt: skip


class TemplateError(Exception):
    """No such template, or a variable of it is missing."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A gap: what it means, and the longest value it may take."""

    name: str
    means: str
    longest: str

    def cut(self, value: str) -> str:
        """The value on one line, no longer than the longest."""
        flat = value.strip() if self.name == "text" else _LINE_BREAKS.sub(" ", value.strip())
        return clip(flat, units(self.longest))


@dataclass(frozen=True, slots=True)
class Template:
    """One registered text; ``variables`` in the order of their appearance."""

    name: str
    use: str
    text: str
    signature: str
    variables: tuple[Variable, ...]
    asks_rating: bool = False
    is_always_sent: bool = False

    def values(self, given: Mapping[str, str]) -> tuple[str, ...]:
        """The variables' values in order, each cut to its limit.

        Raises:
            TemplateError: one is missing or empty; carriers refuse empty variables.
        """
        values = tuple(v.cut(given.get(v.name, "")) for v in self.variables)
        missing = [v.name for v, value in zip(self.variables, values, strict=True) if not value]
        if missing:
            raise TemplateError(f"{self.name} lacks {', '.join(missing)}")
        return values

    def fill(self, given: Mapping[str, str]) -> str:
        """The message as it is read, signature included; errors as in ``values``."""
        names = (v.name for v in self.variables)
        filled = dict(zip(names, self.values(given), strict=True))
        return self.signature + _NAME.sub(lambda gap: filled[gap.group(1)], self.text)

    @property
    def longest(self) -> str:
        """The longest message this template can become."""
        return self.fill({v.name: v.longest for v in self.variables})

    @property
    def numbered(self) -> str:
        """The text with ``{1}``, ``{2}`` …, as registration forms want it."""
        numbers = {v.name: str(n) for n, v in enumerate(self.variables, 1)}
        return _NAME.sub(lambda gap: f"{{{numbers[gap.group(1)]}}}", self.text)


@dataclass(frozen=True, slots=True)
class Templates:
    """All texts of the file."""

    signature: str
    phrases: Mapping[str, str]
    by_name: Mapping[str, Template]

    def __contains__(self, name: str) -> bool:
        return name in self.by_name

    def get(self, name: str) -> Template:
        """The template of that name.

        Raises:
            TemplateError: there is none.
        """
        try:
            return self.by_name[name]
        except KeyError as error:
            raise TemplateError(f"no template {name}") from error

    def asked_about(self, name: str, values: Mapping[str, str]) -> str | None:
        """The case that a digit in answer rates, if the text asks for it."""
        return values.get("case_no") if self.get(name).asks_rating else None

    def fill(self, name: str, values: Mapping[str, str]) -> str:
        """The message as it is read, signature included; errors as in ``Template``."""
        return self.get(name).fill(values)


@cache
def templates() -> Templates:
    """The file's content, read once."""
    raw: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    signature = f"【{raw['signature']}】"
    variables = {name: _variable(name, row) for name, row in raw["variables"].items()}
    by_name = {
        name: _template(name, row, signature, variables) for name, row in raw["templates"].items()
    }
    return Templates(signature, raw["phrases"], by_name)


def _variable(name: str, row: Mapping[str, Any]) -> Variable:
    return Variable(name, row["means"], row.get("longest") or "测" * row["units"])


def _template(
    name: str, row: Mapping[str, Any], signature: str, variables: Mapping[str, Variable]
) -> Template:
    text = row["text"].strip()
    named = dict.fromkeys(_NAME.findall(text))
    return Template(
        name=name,
        use=row["use"],
        text=text,
        signature=signature,
        variables=tuple(variables[gap] for gap in named),
        asks_rating=bool(row.get("asks_rating")),
        is_always_sent=bool(row.get("always")),
    )


def registration_sheet() -> str:
    """Every template as CSV: what carriers ask for, and a column for the id they give.

    The filled-in sheet is read back by ``registered_ids``.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(SHEET_COLUMNS)
    for template in templates().by_name.values():
        named = (f"{{{n}}} {v.means}" for n, v in enumerate(template.variables, 1))
        samples = (f"{{{n}}} {v.longest}" for n, v in enumerate(template.variables, 1))
        writer.writerow(
            [
                template.name,
                "",
                template.use,
                template.signature,
                template.numbered,
                "；".join(named),
                "；".join(samples),
                units(template.longest),
                segments(template.longest),
            ]
        )
    return out.getvalue()


def registered_ids(sheet: Path | None) -> dict[str, str]:
    """Template name → the carrier's id, from a filled-in sheet; the names themselves without one.

    Raises:
        TemplateError: the sheet has no ``name`` and ``template_id`` columns.
    """
    ids = {name: name for name in templates().by_name}
    if sheet is None:
        return ids
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if not {"name", "template_id"} <= set(rows.fieldnames or ()):
            raise TemplateError(f"{sheet} needs the columns name and template_id")
        filled = {row["name"]: (row["template_id"] or "").strip() for row in rows}
    return {name: filled[name] for name in ids if filled.get(name)}
