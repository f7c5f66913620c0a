"""The channel's own sentences, read once from ``messages.yml``."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("messages.yml")


@cache
def _all() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def sentence(key: str, **values: object) -> str:
    """The sentence under that key with its values filled in."""
    return str(_all()[key]).format(**values)


def shown(kind: str) -> str:
    """What a transcript shows in place of something that is not text."""
    names: dict[str, str] = _all()["shown"]
    return names.get(kind, names["other"])


def menu_text(key: str) -> str | None:
    """What a click on that menu entry says."""
    entries: dict[str, str] = _all()["menu"]
    return entries.get(key.upper())


def photo_refusal(reason: str) -> str:
    """Why a photo was not kept, to the citizen."""
    reasons: dict[str, str] = _all()["why"]
    return sentence("photo_refused", why=reasons.get(reason, reasons["gone"]))
