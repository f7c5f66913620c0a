"""Batch triage without a server: `python -m bot.triage_cli IN.jsonl OUT.jsonl`.

Each line {"id", "text", "kind"?} of IN becomes {"id", …triage result…} in OUT.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from bot.local_model import LocalModel, newest_model

_BAR_WIDTH = 30
_REDRAW_S = 0.2


class UnusableLine(ValueError):
    """A line of the input is not an object with "id" and "text"."""


def read_lines(source: TextIO) -> list[dict[str, Any]]:
    """The rows of a JSONL file. Raises `UnusableLine` naming the line."""
    rows = []
    for number, line in enumerate(source, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            usable = "id" in row and isinstance(row["text"], str)
        except (ValueError, TypeError, KeyError):
            usable = False
        if not usable:
            raise UnusableLine(f'line {number}: expected {{"id", "text", "kind"?}}')
        rows.append(row)
    return rows


def with_progress(rows: list[dict[str, Any]], out: TextIO) -> Iterator[dict[str, Any]]:
    """Yields the rows and draws a bar with the rate and the time left."""
    started, drawn = time.monotonic(), 0.0
    for done, row in enumerate(rows):
        now = time.monotonic()
        if now - drawn >= _REDRAW_S:
            _draw(out, done, len(rows), now - started)
            drawn = now
        yield row
    _draw(out, len(rows), len(rows), time.monotonic() - started)
    out.write("\n")


def _draw(out: TextIO, done: int, total: int, elapsed_s: float) -> None:
    full = _BAR_WIDTH * done // total if total else _BAR_WIDTH
    rate = done / elapsed_s if elapsed_s else 0.0
    left = f"{(total - done) / rate:.0f} s left" if rate else "…"
    bar = "█" * full + "░" * (_BAR_WIDTH - full)
    out.write(f"\r{bar} {done}/{total}  {rate:.1f}/s  {left}   ")
    out.flush()


async def triage(model: LocalModel, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The triage result of each row, with the row's id first."""
    results = []
    for row in rows:
        parsed = await model.parse(row["text"], row.get("kind", "message"))
        results.append({"id": row["id"], **parsed["triage"]})
    return results


def main(arguments: list[str] | None = None) -> int:
    """Exit status 2 when an input cannot be used."""
    parser = argparse.ArgumentParser(description="Batch triage without a server")
    parser.add_argument("source", type=Path, metavar="IN.jsonl")
    parser.add_argument("target", type=Path, metavar="OUT.jsonl")
    options = parser.parse_args(arguments)
    try:
        with options.source.open(encoding="utf-8") as stream:
            rows = read_lines(stream)
    except (OSError, UnusableLine) as problem:
        sys.stderr.write(f"{options.source}: {problem}\n")
        return 2
    model = LocalModel(newest_model())
    results = asyncio.run(triage(model, with_progress(rows, sys.stderr)))
    lines = (json.dumps(result, ensure_ascii=False) for result in results)
    options.target.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
