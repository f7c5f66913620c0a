"""Holds data/requests/ to its rules: `python -m scripts.check_corpus`; exit status 1 on a breach.

Counts per type, lengths, styles, known types in `also`, duplicates, near copies among the examples
and of the development texts where ../shared/data/dev exists.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bot.nlu.classify.corpus import DANGERS, Example, read_examples, taxonomy
from bot.nlu.normalization import normalize

ROOT = Path(__file__).resolve().parents[1]
DEV = ROOT.parent / "shared" / "data" / "dev"
STYLES = frozenset({"plain", "cantonese", "traditional", "typo", "asr", "emoji"})
LEAST_IN_SCOPE, LEAST_OUT_OF_SCOPE = 100, 400
# shares of lengths in the real stream, with the slack a corpus may take
LENGTHS = {"1-20": (0, 20), "21-60": (21, 60), "61-150": (61, 150), "151-": (151, 10_000)}
LENGTH_SHARES = {"1-20": 0.10, "21-60": 0.25, "61-150": 0.35, "151-": 0.30}
LENGTH_SLACK = 0.20
# two texts are near copies when this share of the shorter one's runs of 8 characters is common
RUN = 8
NEAR_COPY = 0.5


def main() -> int:
    """Prints the figures, then every breach."""
    examples = read_examples()
    _print_figures(examples)
    breaches = [*labels(examples), *counts(examples), *lengths(examples), *copies(examples)]
    if DEV.exists():
        breaches += copies_of_dev(examples)
    for breach in breaches:
        sys.stdout.write(f"✗ {breach}\n")
    if not breaches:
        sys.stdout.write("✓ corpus\n")
    return 1 if breaches else 0


def labels(examples: Iterable[Example]) -> Iterator[str]:
    """Types, other types and styles must be known; an example is not its own alternative; one of
    type emergency, and no other, says who must come."""
    for example in examples:
        unknown = {example.type, *example.also} - taxonomy().keys()
        if unknown or example.type in example.also:
            yield f"{_named(example)}: other types {example.also}"
        if bool(example.danger) != (example.type == "emergency") or {*example.danger} - {*DANGERS}:
            yield f"{_named(example)}: danger {example.danger}"
        if example.style not in STYLES:
            yield f"{_named(example)}: style {example.style}"


def counts(examples: Sequence[Example]) -> Iterator[str]:
    """At least 100 texts for a type in scope, 400 for one that is not."""
    found = Counter(example.type for example in examples)
    for code, kind in taxonomy().items():
        least = LEAST_OUT_OF_SCOPE if kind.category == "out_of_scope" else LEAST_IN_SCOPE
        if found[code] < least:
            yield f"{code}: {found[code]} texts, at least {least} wanted"


def lengths(examples: Sequence[Example]) -> Iterator[str]:
    """Lengths must stay near those of real texts."""
    for name, share in length_shares(examples).items():
        if abs(share - LENGTH_SHARES[name]) > LENGTH_SLACK:
            yield f"length {name}: {share:.0%} of the texts, {LENGTH_SHARES[name]:.0%} wanted"


def length_shares(examples: Sequence[Example]) -> dict[str, float]:
    """Share of each band of length in characters."""
    sizes = [len(example.text) for example in examples]
    return {
        name: sum(low <= size <= high for size in sizes) / len(sizes)
        for name, (low, high) in LENGTHS.items()
    }


def copies(examples: Sequence[Example]) -> Iterator[str]:
    """Duplicates and near copies among the examples."""
    seen: dict[str, Example] = {}
    holders: dict[str, list[int]] = defaultdict(list)
    for at, example in enumerate(examples):
        bare = _bare(example.text)
        if bare in seen:
            yield f"{_named(example)}: the same text as {_named(seen[bare])}"
        seen[bare] = example
        mine = runs(bare)
        shared = Counter(other for run in mine for other in holders[run])
        for other, common in shared.items():
            if common > NEAR_COPY * min(len(mine), len(runs(_bare(examples[other].text)))):
                yield f"{_named(example)}: nearly {_named(examples[other])}"
        for run in mine:
            holders[run].append(at)


def copies_of_dev(examples: Iterable[Example]) -> Iterator[str]:
    """Examples that repeat a development text: what is measured on must not be learnt."""
    texts = [
        (row["id"], _bare(row["text"]))
        for path in sorted(DEV.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line and "text" in (row := json.loads(line))
    ]
    whole = {bare: name for name, bare in texts}
    holders: dict[str, set[str]] = defaultdict(set)
    for name, bare in texts:
        for run in runs(bare):
            holders[run].add(name)
    for example in examples:
        bare = _bare(example.text)
        mine = runs(bare)
        shared = Counter(name for run in mine for name in holders.get(run, ()))
        close = [name for name, common in shared.items() if common > 0.3 * len(mine)]
        if (bare in whole and len(bare) >= RUN) or close:
            yield f"{_named(example)}: copies {whole.get(bare) or close[0]}"


def runs(bare: str) -> frozenset[str]:
    """Every run of 8 characters."""
    return frozenset(bare[at : at + RUN] for at in range(len(bare) - RUN + 1))


def _bare(text: str) -> str:
    """Normalised, without punctuation and space."""
    return "".join(filter(str.isalnum, normalize(text).text.lower()))


def _named(example: Example) -> str:
    return f"{example.type} “{example.text[:18]}…”"


def _print_figures(examples: Sequence[Example]) -> None:
    out = sys.stdout.write
    categories = Counter(taxonomy()[example.type].category for example in examples)
    styles = Counter(example.style for example in examples)
    total = len(examples)
    out(f"{total} texts: " + ", ".join(f"{k} {n}" for k, n in categories.most_common()) + "\n")
    out("lengths: " + ", ".join(f"{k} {v:.0%}" for k, v in length_shares(examples).items()) + "\n")
    out("styles: " + ", ".join(f"{k} {n / total:.0%}" for k, n in styles.most_common()) + "\n")


if __name__ == "__main__":
    sys.exit(main())
