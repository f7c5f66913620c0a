"""Fifty citizens in WeChat at once: how soon each message is acknowledged and answered.

The platform's half is ours (signed, encrypted, repeated after 5 s); everything behind the webhook
is the product with the real assistant. Some lines break before our acknowledgement arrives, so the
same MsgId comes again: nothing may be answered twice.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from scripts.bench.figures import load, summary
from scripts.bench.usage import processor_by_name
from scripts.env_file import ROOT
from scripts.processes import any_free_port
from scripts.simulate_wechat import TOKEN, new_aes_key, settings_for
from scripts.temporary_stack import TemporaryStack, temporary_stack
from scripts.wechat.phone import Exchange, Phone
from scripts.wechat.platform import TIMEOUT_S, Platform
from scripts.wechat.stand_in import APP_ID, StandIn

CITIZENS = 50
CONVERSATION = (
    "村口那盏路灯坏了半个月，晚上老人出门都看不见路，麻烦派人来修一下",
    "长安上沙，菜市场后门那条巷子",
    "13800001234",
    "对",
    "我的诉求到哪了",
)
BARS = {"acknowledged_p99_s": 1.0, "answered_p99_s": 3.0}
_ANSWER_WITHIN_S = 60.0
_BROKEN_LINES = 0.15
_WARM_UP = 3
_LATE_S = 4.0


@dataclass(frozen=True)
class Pace:
    """How citizens write: seconds they think before each message."""

    name: str
    think_s: tuple[float, float]


PACES = (Pace("writing", (2.0, 8.0)), Pace("at_once", (0.0, 0.0)))


@dataclass
class Observed:
    """One run; times in seconds. ``unanswered`` and ``repeated`` count messages."""

    acknowledged: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    passive: int = 0
    unacknowledged: int = 0
    unanswered: int = 0
    repeated: int = 0
    sent_again: int = 0
    took_s: float = 0.0

    def report(self) -> dict[str, Any]:
        """Figures as they are written down."""
        return {
            "messages": len(self.acknowledged) + self.unacknowledged,
            "acknowledged_s": summary(self.acknowledged),
            "answered_s": summary(self.answered),
            "passive_replies": self.passive,
            "over_5_s_unacknowledged": self.unacknowledged,
            "unanswered": self.unanswered,
            "callbacks_repeated": self.sent_again,
            "answers_repeated": self.repeated,
            "messages_per_s": round(len(self.answered) / self.took_s, 1) if self.took_s else 0.0,
            "load": load(),
        }


def misses(report: dict[str, Any]) -> list[str]:
    """Which bars a run does not reach."""
    found = [
        f"{name} {report[name.removesuffix('_p99_s') + '_s']['p99']} > {bar}"
        for name, bar in BARS.items()
        if report[name.removesuffix("_p99_s") + "_s"]["p99"] > bar
    ]
    zero = ("over_5_s_unacknowledged", "unanswered", "answers_repeated")
    return found + [f"{name} {report[name]}" for name in zero if report[name]]


async def visit(phone: Phone, pace: Pace, chance: random.Random, seen: Observed) -> None:
    """One citizen's conversation."""
    for text in CONVERSATION:
        await asyncio.sleep(chance.uniform(*pace.think_s))
        await _say(phone, text, chance, seen)
    await asyncio.sleep(_LATE_S)
    seen.repeated += max(0, len(phone.read) - len(CONVERSATION))


async def _say(phone: Phone, text: str, chance: random.Random, seen: Observed) -> None:
    cuts = [chance.uniform(0.005, 0.5)] if chance.random() < _BROKEN_LINES else []
    read, started = len(phone.read), time.monotonic()
    delivery = await phone.deliver(phone.platform.message("text", Content=text), cuts)
    seen.sent_again += delivery.tries - 1
    if delivery.acknowledged_s is None or delivery.tries > 1 + len(cuts):
        seen.unacknowledged += 1
    if delivery.acknowledged_s is None:
        return
    seen.acknowledged.append(delivery.acknowledged_s)
    seen.passive += delivery.passive is not None
    if await phone.more_than(read, _ANSWER_WITHIN_S):
        seen.answered.append(time.monotonic() - started)
    else:
        seen.unanswered += 1


async def crowd(
    url: str, aes_key: str, stand_in: StandIn, pace: Pace, citizens: int = CITIZENS
) -> Observed:
    """All of them at once."""
    seen, chance, exchange = Observed(), random.Random(citizens), Exchange(stand_in)  # noqa: S311
    exchange.connect()
    limits = httpx.Limits(max_connections=citizens * 2, max_keepalive_connections=citizens)
    async with httpx.AsyncClient(limits=limits, timeout=TIMEOUT_S, trust_env=False) as http:
        phones = [
            exchange.join(Platform(url, APP_ID, TOKEN, aes_key), http) for _ in range(citizens)
        ]
        started = time.monotonic()
        await asyncio.gather(*(visit(phone, pace, chance, seen) for phone in phones))
        seen.took_s = time.monotonic() - started - _LATE_S
    return seen


def measure(stack: TemporaryStack, aes_key: str, stand_in: StandIn) -> dict[str, Any]:
    """Each pace in turn, after a few citizens who only warm the processes up."""
    url = f"{stack.backend_url}/webhooks/wechat"
    asyncio.run(crowd(url, aes_key, stand_in, Pace("warm-up", (0.0, 0.0)), _WARM_UP))
    figures = {}
    for pace in PACES:
        before = processor_by_name(stack.children, stack.data)
        report = asyncio.run(crowd(url, aes_key, stand_in, pace)).report()
        after = processor_by_name(stack.children, stack.data)
        used = {name: 1000 * (after[name] - before[name]) for name in before}
        report["processor_ms_per_message"] = {
            name: round(ms / report["messages"], 1) for name, ms in used.items()
        }
        figures[pace.name] = report
    return figures


def run() -> tuple[dict[str, Any], list[str]]:
    """The figures, and what misses its bar."""
    stand_in, aes_key = StandIn(), new_aes_key()
    stand_in.start()
    try:
        settings = settings_for(stand_in, any_free_port(), aes_key)
        with temporary_stack(ROOT / "var" / "bench-wechat", settings) as stack:
            figures = measure(stack, aes_key, stand_in)
    finally:
        stand_in.stop()
    missed = [f"{name}: {miss}" for name, report in figures.items() for miss in misses(report)]
    return figures, missed
