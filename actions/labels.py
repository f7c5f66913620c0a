"""Codes into the words people read: types, categories, towns, villages. Read from data/lexicon."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LEXICON = Path(__file__).resolve().parent.parent / "data" / "lexicon"

_SHORT_CATEGORY = {"weishishi": "微实事", "weixinyuan": "微心愿", "out_of_scope": "转办事项"}


@dataclass(frozen=True)
class TypeLabel:
    """One of the 44 types: its category's code and the words for both."""

    code: str
    label: str
    category: str
    group: str

    @property
    def category_label(self) -> str:
        """微实事, 微心愿 or 转办事项."""
        return _SHORT_CATEGORY[self.category]


@lru_cache(maxsize=1)
def types() -> dict[str, TypeLabel]:
    """All types by code."""
    tree = json.loads((LEXICON / "taxonomy.json").read_text(encoding="utf-8"))
    return {
        leaf["code"]: TypeLabel(leaf["code"], leaf["label"], category["code"], group["code"])
        for category in tree["categories"]
        for group in category["groups"]
        for leaf in group["types"]
    }


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    names: dict[str, str] = {}
    for file in ("towns.csv", "villages.csv"):
        with (LEXICON / file).open(encoding="utf-8", newline="") as handle:
            rows = csv.DictReader(line for line in handle if not line.startswith("#"))
            names.update({row["code"]: row["name"] for row in rows})
    return names


def short_name(code: str) -> str:
    """A place as people say it: 上沙社区, 长安镇, 下高田村."""
    name = _places().get(code, "")
    for long, short in (("社区居民委员会", "社区"), ("居民委员会", "社区"), ("村民委员会", "村")):
        if name.endswith(long):
            stem = name[: -len(long)]
            return stem if stem.endswith(short) else stem + short
    return name


def town_of(village: str) -> str:
    """A village's town: the first nine digits of its code."""
    return village[:9]


def namesake(village: str, town: str) -> str | None:
    """The village of this town that bears the same name (厚街新塘 → 大岭山新塘)."""
    stem = _stem(village)
    return next((c for c in _places() if c[:9] == town != c and _stem(c) == stem), None)


def _stem(code: str) -> str:
    return short_name(code).removesuffix("社区").removesuffix("村")


def full_name(town: str | None, village: str | None) -> str:
    """长安镇上沙社区, 长安镇, or nothing."""
    parts = [short_name(code) for code in (town, village) if code]
    return "".join(parts)
