"""Child processes of `make run`: started together, watched, restarted, stopped together."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

_RESTARTS_ALLOWED = 5
_RESTART_WINDOW_S = 120.0
_GRACE_S = 10.0
_GIVING_WAY = ("nice", "-n", "5")


@dataclass(frozen=True)
class Program:
    """What to start, and where it says that it is well (`health` empty: being alive is enough).

    `gives_way`: when processors are short, programs that do not give way go first.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    health: str = ""
    gives_way: bool = False


@dataclass
class Child:
    """A running program with its log file and the times of its restarts."""

    program: Program
    log: Path
    root: Path
    process: subprocess.Popen[bytes] | None = None
    restarts: deque[float] = field(default_factory=lambda: deque(maxlen=_RESTARTS_ALLOWED))

    def start(self) -> None:
        """Starts it in a process group of its own, output appended to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*_GIVING_WAY, *self.program.command]
                if self.program.gives_way
                else self.program.command,
                cwd=self.root,
                env=self.program.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def healthy(self) -> bool:
        """Whether it runs and, where it has an address, answers there with 200."""
        return self.alive and (not self.program.health or _answers(self.program.health))

    def may_restart(self, now: float) -> bool:
        """Whether it has not died too often in a short time."""
        is_often = len(self.restarts) == _RESTARTS_ALLOWED
        return not is_often or now - self.restarts[0] >= _RESTART_WINDOW_S

    def restart(self, now: float) -> bool:
        """Starts it again, unless it died too often in a short time."""
        if not self.may_restart(now):
            return False
        self.restarts.append(now)
        self.start()
        return True

    def terminate(self) -> None:
        """Asks the whole group to end."""
        self._signal(signal.SIGTERM)

    def reap(self, deadline: float) -> None:
        """Waits until the deadline, then kills what is left of the group."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        self._signal(signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=2)

    def kill(self) -> None:
        """Ends the whole group as a power cut would."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def last_lines(self, count: int = 15) -> str:
        """The end of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-count:])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def stop_all(children: list[Child]) -> None:
    """Ends the children in reverse order of their start; none survives."""
    for child in reversed(children):
        child.terminate()
    deadline = time.monotonic() + _GRACE_S
    for child in reversed(children):
        child.reap(deadline)


def is_free(host: str, port: int) -> bool:
    """Whether a TCP port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str, wanted: int, taken: set[int]) -> int:
    """The wanted port, or the next free one above it.

    Raises:
        SystemExit: none of the hundred ports above is free.
    """
    for port in range(wanted, min(wanted + 100, 65536)):
        if port not in taken and is_free(host, port):
            return port
    raise SystemExit(f"端口 {wanted} 起的一百个端口都被占用了。")


def any_free_port() -> int:
    """A port of the system's choice that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
