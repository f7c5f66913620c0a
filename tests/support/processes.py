"""Real processes of the product under test."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Process:
    """One child process, with its output in a file."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    ready_line: str | None = None
    ready_url: str | None = None
    _child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self, within_s: float = 60.0) -> None:
        """Start and wait until it says that it is ready."""
        with self.log.open("ab") as output:
            written = output.tell()
            self._child = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=output,
                stderr=output,
            )
        deadline = time.monotonic() + within_s
        while not self._is_ready(written):
            if self._child.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.command} did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def stop(self) -> int:
        """Ask it to stop and wait; its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        if self._child is None:
            return 0
        child, self._child = self._child, None
        if child.poll() is None:
            child.send_signal(how)
        return child.wait(timeout=40)

    def _is_ready(self, from_byte: int) -> bool:
        if self.ready_line is not None:
            return self.ready_line.encode() in self.log.read_bytes()[from_byte:]
        try:
            return httpx.get(self.ready_url or "", trust_env=False).status_code < 500
        except httpx.TransportError:
            return False


def worker(environment: dict[str, str], log: Path) -> Process:
    """A worker."""
    command = [sys.executable, "-m", "backend.worker"]
    return Process(command, environment, log, ready_line="worker_ready")


def chat_server(environment: dict[str, str], log: Path, port: int) -> Process:
    """A backend process that serves the chat."""
    command = [
        *(sys.executable, "-m", "uvicorn", "--factory", "backend.app:create_app"),
        *("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"),
    ]
    return Process(command, environment, log, ready_url=f"http://127.0.0.1:{port}/chat")
