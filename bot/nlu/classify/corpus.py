"""The example requests of data/requests/ and the taxonomy they are labelled with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot.nlu.lexicon import LEXICON

_MODEL_CODE = frozenset(
    {"classify", "features", "e5", "encoder", "dialect", "normalization"}
    # the request model reads a text without its places
    | {"places", "place_matching", "place_meaning", "place_roles", "gazetteer", "sounds"}
)
REQUESTS = LEXICON.parent / "requests"
# what somebody may be in danger of; an example of type emergency names one or two, the first first
DANGERS = ("fire", "crime", "self_harm", "medical")


@dataclass(frozen=True)
class Example:
    """One labelled request. `also` holds other types a careful colleague could defend, `danger`
    who must come, of `DANGERS`."""

    text: str
    type: str
    style: str
    also: tuple[str, ...] = ()
    danger: tuple[str, ...] = ()


@dataclass(frozen=True)
class TypeInfo:
    """Where a request type stands in the programme's taxonomy."""

    code: str
    group: str
    category: str


@lru_cache(maxsize=1)
def taxonomy() -> dict[str, TypeInfo]:
    """The 44 request types by code, in the taxonomy's order."""
    content = json.loads((LEXICON / "taxonomy.json").read_text(encoding="utf-8"))
    return {
        kind["code"]: TypeInfo(kind["code"], group["code"], category["code"])
        for category in content["categories"]
        for group in category["groups"]
        for kind in group["types"]
    }


def read_examples(folder: Path = REQUESTS) -> list[Example]:
    """Every example, in the order of file names and lines."""
    return [example for path in _files(folder) for example in _read(path)]


def corpus_fingerprint(folder: Path = REQUESTS) -> str:
    """Changes whenever an example or the taxonomy changes."""
    digest = hashlib.sha256((LEXICON / "taxonomy.json").read_bytes())
    for path in _files(folder):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def code_fingerprint() -> str:
    """Changes whenever the code of models and features does: Rasa looks at components only."""
    digest = hashlib.sha256()
    top = Path(__file__).resolve().parents[1]
    for path in sorted([*top.glob("*.py"), *top.glob("[!_]*/*.py")]):
        if path.parent.name in _MODEL_CODE or path.stem in _MODEL_CODE:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yml"))


def _read(path: Path) -> Iterator[Example]:
    with path.open(encoding="utf-8") as stream:
        rows = yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    for row in rows or []:
        also, danger = tuple(row.get("also") or ()), tuple(row.get("danger") or ())
        yield Example(row["text"], path.stem, row["style"], also, danger)
