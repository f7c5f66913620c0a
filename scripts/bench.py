"""`make bench`: a full turn against a bare parse, in the same run; writes var/bench.json.

Ratios count, not milliseconds: both sides talk to the same Rasa process over loopback, in turn.
"""

from __future__ import annotations

import json
import statistics
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

from scripts.env_file import ROOT
from scripts.processes import Child
from scripts.temporary_stack import TemporaryStack, temporary_stack

_CONVERSATION = (
    "村口那盏路灯坏了半个月，晚上老人出门都看不见路，麻烦派人来修一下",
    "长安上沙，菜市场后门那条巷子",
    "13800001234",
    "对",
    "我的诉求到哪了",
)
_ROUNDS = 25
_WARM_UP = 3
_MAX_RATIO = 3.0


def _timed(client: httpx.Client, url: str, body: dict[str, Any]) -> float:
    started = time.perf_counter()
    client.post(url, json=body).raise_for_status()
    return (time.perf_counter() - started) * 1000


def measure(stack: TemporaryStack) -> tuple[list[float], list[float]]:
    """Milliseconds of full turns and of bare parses of the same texts, taken alternately."""
    turns, parses = [], []
    token = stack.settings["GUANJIA_RASA_TOKEN"]
    with httpx.Client(timeout=30, headers={"Authorization": f"Bearer {token}"}) as client:
        for n in range(_WARM_UP + _ROUNDS):
            sender = f"bench-{uuid.uuid4().hex}"
            for text in _CONVERSATION:
                parse = _timed(client, f"{stack.rasa_url}/webhooks/guanjia/parse", {"text": text})
                turn = _timed(
                    client,
                    f"{stack.rasa_url}/webhooks/rest/webhook",
                    {"sender": sender, "message": text},
                )
                if n >= _WARM_UP:
                    parses.append(parse)
                    turns.append(turn)
    return turns, parses


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def resident_mb(child: Child) -> float:
    """Resident memory of a process in MB, its children included."""
    pids = [child.process.pid] if child.process else []
    for pid in pids:
        children = Path(f"/proc/{pid}/task/{pid}/children")
        pids += [int(p) for p in children.read_text().split()] if children.exists() else []
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * 4096 / 1e6


def main() -> int:
    """Runs the benchmark; exit status 1 when a turn costs more than three bare parses."""
    with temporary_stack(ROOT / "var" / "bench") as stack:
        turns, parses = measure(stack)
        memory = {name: round(resident_mb(child)) for name, child in stack.children.items()}
    ratio = statistics.median(turns) / statistics.median(parses)
    result = {
        "turn_ms": {"median": statistics.median(turns), "p95": _p95(turns)},
        "parse_ms": {"median": statistics.median(parses), "p95": _p95(parses)},
        "turn_to_parse": ratio,
        "memory_mb": memory,
    }
    (ROOT / "var" / "bench.json").write_text(json.dumps(result, indent=2) + "\n")
    for name, value in (("一轮对话", result["turn_ms"]), ("只理解", result["parse_ms"])):
        print(f"{name}：中位 {value['median']:.1f} ms，p95 {value['p95']:.1f} ms")  # type: ignore[index]
    print(f"比值 {ratio:.2f}（上限 {_MAX_RATIO}）；内存 MB：{memory}")
    return 0 if ratio <= _MAX_RATIO else 1


if __name__ == "__main__":
    raise SystemExit(main())
