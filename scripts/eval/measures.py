"""Figures about classifications: accuracy with intervals, F1, calibration, coverage."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0001)


@dataclass(frozen=True)
class Judged:
    """One text with its gold labels and what was said about it."""

    id: str
    style: str
    natural: bool
    category: str
    type: str
    allowed_types: frozenset[str]
    allowed_categories: frozenset[str]
    said_category: str
    said_type: str
    confidence: float
    needs_person: bool

    @property
    def category_strict(self) -> bool:
        return self.said_category == self.category

    @property
    def category_lenient(self) -> bool:
        return self.said_category in self.allowed_categories

    @property
    def type_strict(self) -> bool:
        return self.said_type == self.type

    @property
    def type_lenient(self) -> bool:
        return self.said_type in self.allowed_types


RATES: dict[str, Callable[[Judged], bool]] = {
    "category_strict": lambda row: row.category_strict,
    "category_lenient": lambda row: row.category_lenient,
    "type_strict": lambda row: row.type_strict,
    "type_lenient": lambda row: row.type_lenient,
}


def rate(rows: Sequence[Judged], right: Callable[[Judged], bool]) -> dict[str, Any]:
    """Share right, with its 95 % interval (Wilson) and the number of texts."""
    total, hits = len(rows), sum(map(right, rows))
    low, high = wilson(hits, total)
    share = round(hits / total, 4) if total else None
    return {"share": share, "low": low, "high": high, "n": total}


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a proportion."""
    if not total:
        return 0.0, 1.0
    share, square = hits / total, z * z
    middle = share + square / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    base = 1 + square / total
    return round((middle - half) / base, 4), round((middle + half) / base, 4)


def all_rates(rows: Sequence[Judged]) -> dict[str, Any]:
    """The four accuracies."""
    return {name: rate(rows, right) for name, right in RATES.items()}


def by_label(gold: Sequence[str], said: Sequence[str]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support of each label that occurs in gold."""
    hits = Counter(g for g, s in zip(gold, said, strict=True) if g == s)
    golds, saids = Counter(gold), Counter(said)
    table = {}
    for label in sorted(golds):
        precision = hits[label] / saids[label] if saids[label] else 0.0
        recall = hits[label] / golds[label]
        f1 = 2 * precision * recall / (precision + recall) if hits[label] else 0.0
        figures = {"precision": precision, "recall": recall, "f1": f1}
        table[label] = {**{k: round(v, 4) for k, v in figures.items()}, "n": golds[label]}
    return table


def macro_f1(table: dict[str, dict[str, float]]) -> float:
    return round(sum(row["f1"] for row in table.values()) / len(table), 4) if table else 0.0


def reliability(rows: Sequence[Judged]) -> dict[str, Any]:
    """Expected calibration error of `confidence` for the lenient category, and its table."""
    bins, error = [], 0.0
    for low, high in pairwise(_BINS):
        inside = [row for row in rows if low <= row.confidence < high]
        if not inside:
            continue
        told = sum(row.confidence for row in inside) / len(inside)
        true = sum(row.category_lenient for row in inside) / len(inside)
        error += abs(told - true) * len(inside) / len(rows)
        bins.append({"from": low, "n": len(inside), "told": round(told, 4), "true": round(true, 4)})
    return {"ece": round(error, 4), "bins": bins}


def coverage(rows: Sequence[Judged]) -> dict[str, Any]:
    """What stays with the machine at its threshold, and accuracy at fixed shares."""
    kept = [row for row in rows if not row.needs_person]
    ranked = sorted(rows, key=lambda row: -row.confidence)
    at = {
        f"{percent}%": rate(ranked[: len(rows) * percent // 100], RATES["category_lenient"])
        for percent in (70, 80, 90, 95)
    }
    share = round(len(kept) / len(rows), 4) if rows else None
    return {"kept": share, "category_lenient": rate(kept, RATES["category_lenient"]), "at": at}


def report(rows: Sequence[Judged]) -> dict[str, Any]:
    """Everything about one set."""
    categories = by_label([r.category for r in rows], [r.said_category for r in rows])
    types = by_label([r.type for r in rows], [r.said_type for r in rows])
    styles = sorted({row.style for row in rows if row.style})
    natural = [row for row in rows if row.natural]
    return {
        **all_rates(rows),
        "macro_f1": {"category": macro_f1(categories), "type": macro_f1(types)},
        "categories": categories,
        "types": types,
        "natural": all_rates(natural) if natural else None,
        "styles": {s: all_rates([row for row in rows if row.style == s]) for s in styles},
        "reliability": reliability(rows),
        "coverage": coverage(rows),
    }
