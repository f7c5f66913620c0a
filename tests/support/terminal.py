"""A program in a pseudo-terminal, used as a person uses it: type a line, read what comes."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_COLUMNS = {"TERM": "dumb", "COLUMNS": "120", "LINES": "50"}


@dataclass
class TerminalProgram:
    """``shown`` is everything on the screen so far; ``seen`` how much of it was expected already."""

    process: subprocess.Popen[bytes]
    screen: int
    shown: str = ""
    seen: int = 0
    _raw: bytearray = field(default_factory=bytearray)

    def type(self, line: str) -> None:
        """A line and Enter."""
        os.write(self.screen, f"{line}\n".encode())

    def expect(self, pattern: str, within_s: float = 60.0) -> str:
        """Read on until the pattern comes; what was shown since the last expectation.

        Raises:
            AssertionError: it does not come, or the program has ended.
        """
        deadline = time.monotonic() + within_s
        while not (found := re.compile(pattern).search(self.shown, self.seen)):
            assert self._read(deadline), f"{pattern} did not come:\n{self.shown[-3000:]}"
        part, self.seen = self.shown[self.seen : found.end()], found.end()
        return part

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self.screen], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            chunk = os.read(self.screen, 65_536)
        except OSError:  # the other side has closed the terminal
            return False
        self._raw += chunk
        self.shown = self._raw.decode("utf-8", "ignore").replace("\r\n", "\n")
        return bool(chunk)


@contextmanager
def in_a_terminal(command: Sequence[str], cwd: str) -> Iterator[TerminalProgram]:
    """The program runs while the block does; Ctrl-C ends it."""
    screen, other_end = pty.openpty()
    environment = {**os.environ, **_COLUMNS}
    process = subprocess.Popen(
        list(command),
        cwd=cwd,
        env=environment,
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
        start_new_session=True,
    )
    os.close(other_end)
    try:
        yield TerminalProgram(process, screen)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait(timeout=20)
        os.close(screen)
