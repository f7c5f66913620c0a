"""The service's own sentences, read once from ``messages.yml``."""

from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("messages.yml")


@cache
def _sentences() -> dict[str, str]:
    sentences: dict[str, str] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return sentences


def sentence(key: str, **values: object) -> str:
    """The sentence under that key with its values filled in."""
    return _sentences()[key].format(**values)
