"""Scores the deterministic extractors on development sets and prints a table.

Usage: python -m scripts.eval.extractors FOLDER [--errors]
FOLDER holds geo.jsonl, chats.jsonl, transcripts.jsonl, real_requests.jsonl (those that exist).
Transcripts are scored with the gold request types: only fields and texts are measured here.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.nlu import assembly, facts, places, segments
from bot.nlu.classify.corpus import taxonomy
from bot.nlu.gazetteer import load
from bot.nlu.normalization import normalize

Row = dict[str, Any]


class Score:
    """Right and total per named measure, with the rows that failed."""

    def __init__(self) -> None:
        self.right: dict[str, int] = defaultdict(int)
        self.total: dict[str, int] = defaultdict(int)
        self.errors: list[str] = []

    def add(self, name: str, ok: bool, detail: str) -> None:
        self.total[name] += 1
        self.right[name] += ok
        if not ok:
            self.errors.append(f"{name}: {detail}")

    def lines(self) -> Iterator[str]:
        for name, total in self.total.items():
            yield f"{name:44} {self.right[name]:4}/{total:<4} {self.right[name] / total:.3f}"


def rows(folder: Path, name: str) -> list[Row]:
    path = folder / f"{name}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _place(text: str) -> places.Place | None:
    found = places.principal(facts.gather(normalize(text).text).places)
    return found if found and found.role == "request" else None


def score_geo(folder: Path, score: Score) -> None:
    for row in rows(folder, "geo"):
        place = _place(row["text"])
        town, village = (place.town, place.village) if place else (None, None)
        if row["ambiguous"]:
            ok = village is None or village in row["ambiguous"]
        else:
            ok = (town, village) == (row["town"], row["village"])
        detail = f"{row['text']} → {town} {village}"
        score.add("geo", ok, detail)
        score.add(f"geo/{row['kind']}", ok, detail)


def score_chats(folder: Path, score: Score) -> None:
    for row in rows(folder, "chats"):
        found = facts.gather(normalize(row["text"]).text)
        place = _place(row["text"])
        names = [name.value for name in found.names if name.of == "caller"]
        gold = {"town": row["town"], "village": row["village"], "phone": row["phone"]}
        got = {
            "town": place.town if place else None,
            "village": place.village if place else None,
            "phone": found.contact_phone(),
        }
        for key, value in gold.items():
            score.add(f"chats/{key}", got[key] == value, f"{row['text']} → {got[key]} ≠ {value}")
        name = names[-1] if names else None
        score.add("chats/name", name == row["name"], f"{row['text']} → {name} ≠ {row['name']}")
        calm = not found.alerts or row["type"] == "emergency"
        score.add("chats/no false alert", calm, row["text"])
        if row["type"] == "emergency":
            score.add("chats/alert found", bool(found.alerts), row["text"])


def score_real(folder: Path, score: Score) -> None:
    villages = load().villages
    for row in rows(folder, "real_requests"):
        place = _place(row["text"])
        town = place.town if place else None
        detail = f"{row['id']} {town} ≠ {row['town']} ({place.text if place else ''})"
        if row["town"]:
            score.add("real/town", town == row["town"], detail)
        elif not row["village"]:
            score.add("real/no false town", town is None, detail)
        name = villages[place.village].name if place and place.village else ""
        if row["village"] and row["town"]:
            score.add(
                "real/village",
                bool(name) and name[:1] in row["village"],
                f"{detail} {name} {row['village']}",
            )
        found = facts.gather(normalize(row["text"]).text)
        if row["type"] != "emergency":
            score.add("real/no false alert", not found.alerts, f"{row['id']} {found.alerts}")


_FIELDS = (
    "town",
    "village",
    "contact_name",
    "contact_phone",
    "on_behalf",
    "beneficiaries",
    "amount_cny",
)


def score_transcripts(folder: Path, score: Score) -> None:
    for row in rows(folder, "transcripts"):
        result = _triage_with_gold_types(row)
        for gold, got in zip(row["requests"], result["requests"], strict=False):
            _score_call(row, gold, got, score)
        score.add(
            "calls/number of requests", len(result["requests"]) == len(row["requests"]), row["id"]
        )
        score.add("calls/alert", bool(result["alerts"]) == row["emergency"], row["id"])
        leaked = [s for s in row["sensitive"] if s in json.dumps(result, ensure_ascii=False)]
        score.add("calls/nothing sensitive", not leaked, f"{row['id']} {leaked}")


def _triage_with_gold_types(row: Row) -> dict[str, Any]:
    normalized = normalize(row["text"])
    parts = segments.split(normalized.text, "transcript")
    predictions = []
    for part, gold in zip(parts, row["requests"], strict=False):
        start, end = normalized.span(part.start, part.end)
        predictions.append(
            {
                "start": start,
                "end": end,
                "text": row["text"][start:end],
                "type": gold["type"],
                "confidence": 1.0,
                "ranking": [],
                "evidence": [],
                "dangers": {"crime": 1.0} if gold["type"] == "emergency" else {},
            }
        )
    found = facts.gather(normalized.text, "transcript")
    return assembly.assemble(normalized, predictions, found, taxonomy(), assembly.Settings())


def _score_call(row: Row, gold: Row, got: Row, score: Score) -> None:
    fields = got["fields"]
    for key in _FIELDS:
        allowed = [gold[key], *gold.get(f"{key}_also", [])]
        ok = fields[key] in allowed or key in gold.get("optional", [])
        score.add(f"calls/{key}", ok, f"{row['id']} {fields[key]} ≠ {allowed}")
    if gold["address"]:
        alike = set(fields["address"] or "") & set(gold["address"])
        close = len(alike) >= 0.6 * len(set(gold["address"]))
        score.add(
            "calls/address alike", close, f"{row['id']} {fields['address']} ≠ {gold['address']}"
        )
    words = got["summary"] + got["description"]
    for pattern in gold["must_mention"]:
        score.add(
            "calls/mentions", bool(re.search(pattern, words)), f"{row['id']} {pattern}: {words}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--errors", action="store_true", help="print every miss")
    options = parser.parse_args()
    score = Score()
    for part in (score_geo, score_chats, score_real, score_transcripts):
        part(options.folder, score)
    for line in score.lines():
        print(line)
    if options.errors:
        print(*score.errors, sep="\n")


if __name__ == "__main__":
    main()
