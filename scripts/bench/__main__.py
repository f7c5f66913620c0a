"""`make bench`: what the product takes, on this machine; writes var/bench.json.

``ARGS="turns"`` (or wechat, workers) runs one part. Exit status 1 when a figure misses its bar.
The load average stands beside the figures: a machine that does other work makes them worse.
"""

from __future__ import annotations

import argparse
import json

from scripts.bench import turns, wechat, workers
from scripts.env_file import ROOT

PARTS = {"turns": turns.run, "wechat": wechat.run, "workers": workers.run}


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    wanted = parser.parse_args().parts or list(PARTS)
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    path = ROOT / "var" / "bench.json"
    figures = json.loads(path.read_text()) if path.exists() else {}
    missed: list[str] = []
    for name in wanted:
        figures[name], misses = PARTS[name]()
        missed += [f"{name}: {miss}" for miss in misses]
        print(json.dumps({name: figures[name]}, ensure_ascii=False, indent=2), flush=True)
    path.write_text(json.dumps({n: figures.get(n) for n in PARTS}, indent=2) + "\n")
    for miss in missed:
        print(f"没有达到：{miss}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
