"""Registered texts as WeChat templates: our variables put into the template's fields.

The platform cuts a field after 20 characters and still answers ok, or refuses what does not fit the
field's kind (its name without the number); both are refused here before they are sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from backend.conversations.delivery import PermanentDeliveryError
from backend.conversations.schemas import Notice

MAX_FIELD_CHARS = 20
_NARROWER = {"phrase": 5, "name": 10}
"""Kinds of fields that hold less."""
_FILE = Path(__file__).with_name("templates.yml")
Kind = Literal["subscription", "template"]
KINDS: tuple[Kind, ...] = ("subscription", "template")


@dataclass(frozen=True, slots=True)
class Template:
    """One template of the account; ``fields`` maps its field names to format strings."""

    id: str
    kind: Kind
    fields: Mapping[str, str]

    def filled(self, notice: Notice) -> dict[str, str]:
        """The fields' values.

        Raises:
            PermanentDeliveryError: a variable is missing, or a value is empty, has a line break or
                more characters than its field holds.
        """
        values = {}
        for name, pattern in self.fields.items():
            try:
                value = pattern.format(**notice.variables).strip()
            except (KeyError, IndexError) as error:
                raise PermanentDeliveryError(f"template_variable_missing:{name}") from error
            room = _NARROWER.get(name.rstrip("0123456789"), MAX_FIELD_CHARS)
            if not value or len(value) > room or "\n" in value or "\r" in value:
                raise PermanentDeliveryError(f"template_field_unfit:{name}")
            values[name] = value
        return values


def templates_for(notice: Notice | None, ids: Mapping[str, str]) -> list[Template]:
    """The account's templates for this notice, subscription notices first.

    ``ids`` maps ``<notice>.<kind>`` (or ``<notice>`` for a template message) to template ids.
    """
    if notice is None:
        return []
    fields = _registered().get(notice.template, {})
    found = []
    for kind in KINDS:
        template_id = ids.get(f"{notice.template}.{kind}")
        if template_id is None and kind == "template":
            template_id = ids.get(notice.template)
        if template_id and kind in fields:
            found.append(Template(template_id, kind, fields[kind]))
    return found


@cache
def _registered() -> dict[str, dict[str, Any]]:
    registered: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return registered
