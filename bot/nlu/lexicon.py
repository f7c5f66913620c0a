"""Where the linguistic data lies, how it is read and how a change of it is noticed."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

LEXICON = Path(__file__).resolve().parents[2] / "data" / "lexicon"


def fingerprint(*names: str) -> str:
    """SHA-256 over the named lexicon files, for `GraphComponent.fingerprint_addon`."""
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode())
        digest.update((LEXICON / name).read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=8)
def read_yaml(name: str) -> dict[str, Any]:
    """A YAML file of the lexicon as plain dicts and lists."""
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(
        (LEXICON / name).read_text(encoding="utf-8")
    )
    return content


def read_words(name: str) -> tuple[str, ...]:
    """The words of a text file, one a line or several separated by spaces; # starts a comment."""
    lines = (LEXICON / name).read_text(encoding="utf-8").splitlines()
    return tuple(word for line in lines for word in line.split("#", 1)[0].split())
