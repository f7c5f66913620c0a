"""The product's processes and how they find each other."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from scripts.env_file import ROOT
from scripts.model import MODEL, rasa_environment
from scripts.processes import Program, free_port

BACKEND_PYTHON = ROOT / ".venv" / "bin" / "python"
RASA_PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
TRACKER_SCHEMA = "assistant"
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""A second thread makes a sentence's products one millisecond quicker, then turns round and round for
tens of them, on the processor that the other processes need."""


@dataclass(frozen=True)
class Addresses:
    """Host and ports of one running stack."""

    host: str
    backend: int
    rasa: int
    actions: int

    @classmethod
    def choose(cls, settings: dict[str, str]) -> Addresses:
        """The configured ports, or the next free ones where something else sits on them."""
        host = os.environ.get("HOST") or settings["GUANJIA_HOST"]
        wanted = int(os.environ.get("PORT") or settings["GUANJIA_PORT"])
        backend = free_port(host, wanted, set())
        rasa = free_port("127.0.0.1", _port(settings["GUANJIA_RASA_URL"]), {backend})
        actions = free_port("127.0.0.1", _port(settings["GUANJIA_ACTIONS_URL"]), {backend, rasa})
        return cls(host, backend, rasa, actions)

    @property
    def public(self) -> str:
        """The address to open in a browser."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://{host}:{self.backend}"

    def environment(self) -> dict[str, str]:
        """The variables by which the processes find each other."""
        return {
            "GUANJIA_HOST": self.host,
            "GUANJIA_PORT": str(self.backend),
            "GUANJIA_BACKEND_URL": self.public,
            "GUANJIA_RASA_URL": f"http://127.0.0.1:{self.rasa}",
            "GUANJIA_ACTIONS_URL": f"http://127.0.0.1:{self.actions}",
        }


def _port(url: str) -> int:
    return urlsplit(url).port or 80


def backend_command(module: str, *arguments: str, environment: dict[str, str]) -> str:
    """Runs a module of the backend to its end and returns what it printed.

    Raises:
        SystemExit: it failed; its own words are the message.
    """
    done = subprocess.run(
        [str(BACKEND_PYTHON), "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{module} 失败：\n{(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout.strip()


def programs(
    addresses: Addresses, environment: dict[str, str], tracker_url: str, model: Path = MODEL
) -> list[Program]:
    """All processes in the order of their start.

    The backend takes messages in while a citizen's telephone waits; who answers them gives way.
    """
    loopback = "127.0.0.1"
    assistant = {
        **_ONE_THREAD,
        **environment,
        **_only_rasa(rasa_environment()),
        "GUANJIA_TRACKER_URL": tracker_url,
        "POSTGRESQL_SCHEMA": TRACKER_SCHEMA,
        "GUANJIA_ACTIONS_URL": environment["GUANJIA_ACTIONS_URL"],
        "GUANJIA_RASA_TOKEN": environment["GUANJIA_RASA_TOKEN"],
        "SANIC_HOST": loopback,
    }
    rasa = [str(RASA_PYTHON), "-W", "ignore", "-m"]
    return [
        Program(
            "rasa",
            [
                *rasa,
                "rasa",
                "run",
                "-i",
                loopback,
                "-p",
                str(addresses.rasa),
                "--model",
                str(model),
                "--endpoints",
                "endpoints.yml",
                "--credentials",
                "credentials.yml",
            ],
            assistant,
            f"http://{loopback}:{addresses.rasa}/webhooks/guanjia/",
            gives_way=True,
        ),
        Program(
            "actions",
            [*rasa, "rasa_sdk", "--actions", "actions", "-p", str(addresses.actions)],
            assistant,
            f"http://{loopback}:{addresses.actions}/health",
            gives_way=True,
        ),
        Program(
            "backend",
            [str(BACKEND_PYTHON), "-m", "backend.app"],
            environment,
            f"{addresses.public}/healthz",
        ),
        Program(
            "worker", [str(BACKEND_PYTHON), "-m", "backend.worker"], environment, gives_way=True
        ),
    ]


def _only_rasa(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in os.environ}
