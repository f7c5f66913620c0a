"""A whole product beside the running one: ports, database and logs of its own, gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts import env_file, model
from scripts.processes import Child, any_free_port, stop_all
from scripts.run import children_of, start
from scripts.stack import Addresses

NOTICES_AT_ONCE = {
    "GUANJIA_NOTICE_MERGE_MINUTES": "0",
    "GUANJIA_QUIET_FROM_HOUR": "0",
    "GUANJIA_QUIET_UNTIL_HOUR": "0",
}
"""For whoever plays the citizen: a notice waits neither for further steps nor for the morning."""


def _own_ports() -> dict[str, str]:
    """Ports of the system's choice: a neighbouring stack that restarts a process must not meet ours."""
    return {
        "GUANJIA_PORT": str(any_free_port()),
        "GUANJIA_RASA_URL": f"http://127.0.0.1:{any_free_port()}",
        "GUANJIA_ACTIONS_URL": f"http://127.0.0.1:{any_free_port()}",
    }


def end_in_order() -> None:
    """Ctrl-C and a polite kill end the program with its stack, also where Ctrl-C was switched off."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


@dataclass(frozen=True)
class TemporaryStack:
    """Addresses, secrets and processes of a stack that lives for one run."""

    rasa_url: str
    backend_url: str
    settings: dict[str, str]
    children: dict[str, Child]
    data: Path

    def say_where(self) -> None:
        """Tells the person in the terminal where staff work on what is filed there."""
        print(f"工作台 {self.backend_url}/staff（示例账号和密码在 .env），办理的进展马上发到这里。")


@contextmanager
def temporary_stack(
    data: Path, changes: Mapping[str, str] | None = None
) -> Iterator[TemporaryStack]:
    """Starts all processes on free ports with their data in `data`, trains the model if stale.

    `changes` are settings that differ from `.env`'s.
    """
    if model.is_stale():
        model.train()
    settings, _ = env_file.ensure()
    settings |= changes or {}
    shutil.rmtree(data, ignore_errors=True)
    addresses = Addresses.choose({**settings, **_own_ports(), **(changes or {})})
    environment = {
        **os.environ,
        **settings,
        **addresses.environment(),
        "PYTHONPATH": str(env_file.ROOT),
        "GUANJIA_DATA_DIR": str(data),
        "DATABASE_URL": "",
    }
    children = children_of(addresses, environment, log_dir=data / "log")
    try:
        start(children)
        yield TemporaryStack(
            environment["GUANJIA_RASA_URL"],
            addresses.public,
            settings,
            {child.program.name: child for child in children},
            data,
        )
    finally:
        stop_all(children)
