"""The desk's sentences, read from ``wording.yml``."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("wording.yml")


@lru_cache(maxsize=1)
def _wording() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def say(path: str, **values: object) -> str:
    """The sentence at a dotted path, ``say("why.once")``, with its gaps filled."""
    found: Any = _wording()
    for part in path.split("."):
        found = found[part]
    return str(found).format(**values)


def has(path: str) -> bool:
    """Whether there is a sentence at that path."""
    found: Any = _wording()
    for part in path.split("."):
        if not isinstance(found, dict) or part not in found:
            return False
        found = found[part]
    return True
