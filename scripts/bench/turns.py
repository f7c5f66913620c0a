"""A full turn against a bare parse, in the same run.

Ratios count, not milliseconds: both sides talk to the same Rasa process over loopback, in turn.
"""

from __future__ import annotations

import statistics
import time
import uuid
from typing import Any

import httpx

from scripts.bench.figures import summary
from scripts.bench.usage import resident_mb
from scripts.env_file import ROOT
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


def run() -> tuple[dict[str, Any], list[str]]:
    """The figures, and what misses its bar: a turn may cost three bare parses."""
    with temporary_stack(ROOT / "var" / "bench") as stack:
        turns, parses = measure(stack)
        memory = {
            name: round(resident_mb(child))
            for name, child in stack.children.items()
            if child.process
        }
    ratio = statistics.median(turns) / statistics.median(parses)
    figures = {
        "turn_ms": summary(turns),
        "parse_ms": summary(parses),
        "turn_to_parse": round(ratio, 2),
        "memory_mb": memory,
    }
    return figures, [f"turn_to_parse {ratio:.2f} > {_MAX_RATIO}"] if ratio > _MAX_RATIO else []
