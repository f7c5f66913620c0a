"""Ends random processes of a running stack at random moments; the supervisor starts them again."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from scripts.processes import Child
from scripts.run import watch

WEIGHTS = {"backend": 6, "worker": 6, "actions": 4, "postgres": 4, "rasa": 1}
"""How often each is chosen; the assistant takes longest to come back."""
_UP_WITHIN_S = 180.0
_PAUSE_S = (0.2, 4.0)
_TWO_AT_ONCE = 0.15


class SupervisorGaveUp(Exception):
    """It stopped restarting."""


@dataclass
class Killer:
    """SIGKILL for one or two processes, then a wait until all are well, then a random pause."""

    children: dict[str, Child]
    chance: random.Random
    weights: dict[str, int] = field(default_factory=lambda: dict(WEIGHTS))
    kills: Counter[str] = field(default_factory=Counter)

    def run(self, kills: int, progress: Callable[[str], None]) -> None:
        """Until that many processes were killed."""
        with supervised(list(self.children.values())) as supervisor:
            while self.kills.total() < kills:
                for name in self._victims(kills - self.kills.total()):
                    self.children[name].kill()
                    self.kills[name] += 1
                    progress(f"kill {self.kills.total()}: {name}")
                self._wait_until_well(supervisor)
                time.sleep(self.chance.uniform(*_PAUSE_S))

    def _victims(self, at_most: int) -> set[str]:
        now = time.monotonic()
        able = [name for name in self.weights if self.children[name].may_restart(now)]
        if not able:
            time.sleep(1)
            return set()
        count = 2 if self.chance.random() < _TWO_AT_ONCE and at_most > 1 else 1
        weights = [self.weights[name] for name in able]
        return set(self.chance.choices(able, weights, k=count))

    def _wait_until_well(self, supervisor: threading.Thread) -> None:
        deadline = time.monotonic() + _UP_WITHIN_S
        while not all(child.healthy for child in self.children.values()):
            if time.monotonic() > deadline or not supervisor.is_alive():
                down = [name for name, child in self.children.items() if not child.healthy]
                raise SupervisorGaveUp(", ".join(down))
            time.sleep(0.1)


@contextmanager
def supervised(children: list[Child]) -> Iterator[threading.Thread]:
    """The supervisor of `make run` watches the processes while the block runs."""
    over = threading.Event()
    supervisor = threading.Thread(target=watch, args=(children, over), daemon=True)
    supervisor.start()
    try:
        yield supervisor
    finally:
        over.set()
        supervisor.join(timeout=10)
