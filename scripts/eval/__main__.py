"""`make eval`: scores the trained assistant on every set there is; writes var/eval.json.

Sets: ../shared/data/dev/*.jsonl where that exists, and tests/nlu/*.jsonl.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from bot.local_model import LocalModel, newest_model
from bot.nlu.classify.corpus import taxonomy
from scripts.eval import extractors, measures
from scripts.eval.confusion import draw
from scripts.eval.measures import Judged

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (ROOT.parent / "shared" / "data" / "dev", ROOT / "tests" / "nlu")
RESULT = ROOT / "var" / "eval.json"
# the contract: no request at all (greeting, thanks) gives none; gold calls that other_matter
_NO_REQUEST: dict[str, Any] = {
    "category": "out_of_scope",
    "type": "other_matter",
    "confidence": 1.0,
    "needs_person": False,
}
_EXTRACTOR_MEASURES = (
    extractors.score_geo,
    extractors.score_chats,
    extractors.score_real,
    extractors.score_transcripts,
)


def main() -> int:
    """Prints the tables; exit status 0 also where a set is missing."""
    parser = argparse.ArgumentParser(description="Scores the trained assistant")
    parser.add_argument("--errors", action="store_true", help="list every miss by its id")
    options = parser.parse_args()
    model = LocalModel(newest_model())
    result: dict[str, Any] = {}
    for folder in FOLDERS:
        for path in sorted(folder.glob("*.jsonl")):
            rows = asyncio.run(_judge(model, _labelled(path)))
            if rows:
                name = f"{folder.name}/{path.stem}"
                result[name] = measures.report(rows)
                draw(rows, ROOT / "var" / f"confusion-{path.stem}.svg")
                _print_set(name, result[name])
                if options.errors:
                    _print_misses(rows)
        result[f"{folder.name}/extractors"] = _extractors(folder)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    sys.stdout.write(f"\nWritten: {RESULT.relative_to(ROOT)}, var/confusion-*.svg\n")
    return 0


def _labelled(path: Path) -> list[dict[str, Any]]:
    """The rows that carry gold types: one (`type`) or, calls, one a request (`requests`)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line]
    return [row for row in rows if row.get("type") or row.get("requests")]


async def _judge(model: LocalModel, rows: list[dict[str, Any]]) -> list[Judged]:
    """First requests of messages; of calls every request, in order."""
    judged = []
    for row in rows:
        kind = "transcript" if "requests" in row else "message"
        said = (await model.parse(row["text"], kind))["triage"]["requests"]
        golds = row.get("requests", [row])
        for at, gold in enumerate(golds):
            judged.append(_judged({"id": row.get("id", ""), **gold}, said[at : at + 1]))
    return judged


def _judged(row: dict[str, Any], requests: list[dict[str, Any]]) -> Judged:
    kinds = taxonomy()
    allowed = frozenset([row["type"], *row.get("also", [])])
    said = requests[0] if requests else _NO_REQUEST
    return Judged(
        id=row.get("id", ""),
        style=row.get("style", ""),
        natural=bool(row.get("natural")),
        category=row["category"],
        type=row["type"],
        allowed_types=allowed,
        allowed_categories=frozenset(
            {row["category"], *(kinds[kind].category for kind in allowed)}
        ),
        said_category=said["category"],
        said_type=said["type"],
        confidence=said["confidence"],
        needs_person=said["needs_person"],
    )


def _extractors(folder: Path) -> dict[str, dict[str, int]]:
    score = extractors.Score()
    for measure in _EXTRACTOR_MEASURES:
        measure(folder, score)
    if score.total:
        sys.stdout.write(f"\n{folder.name}: places, phones, names, alerts, calls\n")
        sys.stdout.writelines(f"  {line}\n" for line in score.lines())
    return {k: {"right": score.right[k], "total": total} for k, total in score.total.items()}


def _print_set(name: str, figures: dict[str, Any]) -> None:
    out = sys.stdout.write
    out(f"\n{name}\n")
    for measure in measures.RATES:
        out(f"  {measure:18} {_shown(figures[measure])}\n")
    f1 = figures["macro_f1"]
    out(f"  macro F1           category {f1['category']:.3f}, type {f1['type']:.3f}\n")
    if figures["natural"]:
        out(f"  natural, category  {_shown(figures['natural']['category_strict'])}\n")
        out(f"  natural, type len. {_shown(figures['natural']['type_lenient'])}\n")
    for label, row in figures["categories"].items():
        out(
            f"  {label:18} precision {row['precision']:.3f} recall {row['recall']:.3f} ({row['n']})\n"
        )
    for style, row in figures["styles"].items():
        out(
            f"  style {style:12} category lenient {row['category_lenient']['share']:.3f}, "
            f"type lenient {row['type_lenient']['share']:.3f} ({row['type_lenient']['n']})\n"
        )
    _print_confidence(figures)


def _print_confidence(figures: dict[str, Any]) -> None:
    out = sys.stdout.write
    out(f"  calibration error  {figures['reliability']['ece']:.3f}\n")
    for row in figures["reliability"]["bins"]:
        out(
            f"    from {row['from']:.2f}: told {row['told']:.3f} true {row['true']:.3f} ({row['n']})\n"
        )
    kept = figures["coverage"]
    out(f"  not sent to a person {kept['kept']:.3f}: {_shown(kept['category_lenient'])}\n")
    for share, row in kept["at"].items():
        out(f"    surest {share}: {_shown(row)}\n")


def _shown(figure: dict[str, Any]) -> str:
    if figure["share"] is None:
        return "–"
    return f"{figure['share']:.3f}  [{figure['low']:.3f}, {figure['high']:.3f}]  n={figure['n']}"


def _print_misses(rows: list[Judged]) -> None:
    for row in rows:
        if not row.type_lenient:
            sys.stdout.write(f"    {row.id}: {row.type} → {row.said_type} {row.confidence:.2f}\n")


if __name__ == "__main__":
    sys.exit(main())
