"""Towns and villages of Dongguan with every name they go by (data/lexicon)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from bot.nlu.lexicon import LEXICON, read_yaml

TOWNS_FILE, VILLAGES_FILE, ALIASES_FILE = "towns.csv", "villages.csv", "aliases.yml"
FILES = (TOWNS_FILE, VILLAGES_FILE, ALIASES_FILE)

_OFFICE = re.compile(r"(?:社区居民委员会|居民委员会|村村民委员会|村民委员会|虚拟社区|生活区|社区)$")


@dataclass(frozen=True)
class Village:
    """A village or community committee. `name`: as spoken, without office words (上沙, 林村)."""

    code: str
    town: str
    name: str
    rural: bool


@dataclass(frozen=True)
class Town:
    """A town, street or park. `name`: as spoken, without 镇/街道 (长安)."""

    code: str
    name: str
    official: str


@dataclass(frozen=True)
class Gazetteer:
    """All places by code and by spoken name, with the lists that keep false finds away."""

    towns: dict[str, Town]
    villages: dict[str, Village]
    town_names: dict[str, str]
    village_names: dict[str, tuple[str, ...]]
    ordinary_towns: frozenset[str]
    ordinary_villages: frozenset[str]
    not_places: frozenset[str]
    elsewhere: frozenset[str]

    def of_town(self, town: str) -> tuple[Village, ...]:
        return tuple(village for village in self.villages.values() if village.town == town)


def _rows(name: str) -> list[dict[str, str]]:
    with (LEXICON / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _spoken(official: str) -> str:
    """上沙社区居民委员会 → 上沙; names of one character keep their 村 (黎村)."""
    name = _OFFICE.sub("", official)
    return name if len(name) > 1 else name + "村"


def _read_towns() -> dict[str, Town]:
    return {
        row["code"]: Town(row["code"], re.sub(r"(?<=..)(?:镇|街道)$", "", row["name"]), row["name"])
        for row in _rows(TOWNS_FILE)
    }


def _read_villages() -> dict[str, Village]:
    villages = {}
    for row in _rows(VILLAGES_FILE):
        rural = row["name"].endswith("村民委员会")
        villages[row["code"]] = Village(row["code"], row["streetCode"], _spoken(row["name"]), rural)
    return villages


def _by_name(villages: Iterable[Village]) -> dict[str, tuple[str, ...]]:
    """Spoken name → codes; of two in one town only the plain committee (the lower code)."""
    names: dict[str, dict[str, str]] = {}
    for village in sorted(villages, key=lambda village: village.code):
        names.setdefault(village.name, {}).setdefault(village.town, village.code)
    return {name: tuple(codes.values()) for name, codes in names.items()}


@lru_cache(maxsize=1)
def load() -> Gazetteer:
    """The gazetteer of the lexicon; immutable, read once per process."""
    towns, villages = _read_towns(), _read_villages()
    aliases = read_yaml(ALIASES_FILE)
    village_names = _by_name(villages.values())
    town_names = {town.name: town.code for town in towns.values()} | aliases["towns"]
    for alias, path in aliases["villages"].items():
        town, name = path.split("/")
        codes = [code for code in village_names[name] if code.startswith(town_names[town])]
        village_names.setdefault(alias, tuple(codes))
    return Gazetteer(
        towns=towns,
        villages=villages,
        town_names=town_names,
        village_names=village_names,
        ordinary_towns=frozenset(aliases["ordinary_towns"]),
        ordinary_villages=frozenset(aliases["ordinary_villages"]),
        not_places=frozenset(aliases["not_places"]),
        elsewhere=frozenset(aliases["elsewhere"]),
    )
