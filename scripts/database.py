"""The embedded PostgreSQL among the watched processes: it outlives who starts it, its pid file names it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from scripts.processes import Child, Program
from scripts.stack import BACKEND_PYTHON

_READY = "ready"
_START_WITHIN_S, _PAUSE_S = 30.0, 0.5
_PROC = Path("/proc")


@dataclass
class DatabaseServer(Child):
    """Started, killed and started again like the others, and stopped after all of them."""

    folder: Path = Path()

    def start(self) -> None:
        """Starts it unless it runs; while its last end is not quite over that takes more than one try."""
        deadline = time.monotonic() + _START_WITHIN_S
        while not self.healthy and time.monotonic() < deadline:
            if not self._command("start"):
                time.sleep(_PAUSE_S)

    @property
    def alive(self) -> bool:
        """Whether the process that the pid file names is a PostgreSQL server."""
        pid = self._pid()
        return pid is not None and _is_postgres(pid)

    @property
    def healthy(self) -> bool:
        """Whether it also takes connections."""
        return self.alive and _READY in self._pid_file().split()

    def terminate(self) -> None:
        """Leaves it to those who still write: `reap` stops it."""

    def reap(self, deadline: float) -> None:
        """Stops it once everything is written, however long that takes."""
        self._command("stop")

    def kill(self) -> None:
        """Ends it as a power cut would; its sessions end themselves."""
        if (pid := self._pid()) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _command(self, name: str) -> bool:
        """Whether it went well; what it printed is in the log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            done = subprocess.run(
                [*self.program.command, name],
                cwd=self.root,
                env=self.program.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
        return done.returncode == 0

    def _pid(self) -> int | None:
        first, *_ = self._pid_file().split("\n", 1)
        return int(first) if first.isdecimal() else None

    def _pid_file(self) -> str:
        try:
            return (self.folder / "postmaster.pid").read_text(encoding="utf-8")
        except OSError:
            return ""


def _is_postgres(pid: int) -> bool:
    """Whether that process is one, and has not ended; numbers of ended processes are used again."""
    if not _PROC.is_dir():
        return _exists(pid)
    try:
        name, _, rest = (_PROC / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")
    except OSError:
        return False
    return name.endswith("(postgres") and not rest.split()[0].startswith("Z")


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError as error:
        return isinstance(error, PermissionError)
    return True


def database_servers(environment: dict[str, str], root: Path, log_dir: Path) -> list[Child]:
    """The embedded server, or nothing where ``DATABASE_URL`` names another."""
    if environment.get("DATABASE_URL"):
        return []
    command = [str(BACKEND_PYTHON), "-m", "backend.core.postgres"]
    folder = root / environment.get("GUANJIA_DATA_DIR", "var") / "pg"
    log = log_dir / "postgres.log"
    return [DatabaseServer(Program("postgres", command, environment), log, root, folder=folder)]
