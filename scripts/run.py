"""`make run`: the whole product in the foreground until Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from scripts import env_file, model
from scripts.database import database_servers
from scripts.env_file import ROOT
from scripts.processes import Child, stop_all
from scripts.stack import TRACKER_SCHEMA, Addresses, backend_command, programs

_START_LIMIT_S = 120.0
_WATCH_S = 1.0
_SAMPLE_ACCOUNTS = {
    "agent": "热线坐席",
    "village": "上沙社区",
    "town": "长安镇",
    "city": "市级",
    "supervisor": "监督员",
    "auditor": "审计员",
}


class Stopped(Exception):
    """Ctrl-C or a polite kill."""


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Holds var/run.lock, so that a second start says where the first one is and leaves it alone."""
    path = ROOT / "var" / "run.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            print(f"莞家助手已经在运行：{lock.read().strip() or '正在启动'}")
            sys.exit(0)
        lock.truncate(0)
        yield


def note_address(url: str) -> None:
    """Writes the public address where a second start finds it."""
    (ROOT / "var" / "run.lock").write_text(f"{url}\n", encoding="utf-8")


def prepare(environment: dict[str, str]) -> str:
    """Database, migrations, sample accounts; returns the tracker store's address."""
    print("· 启动数据库", flush=True)
    url = backend_command(
        "backend.core.postgres", "url", "--driver", "psycopg2", environment=environment
    )
    backend_command("backend.core.migrate", environment=environment)
    backend_command("scripts.tracker_schema", TRACKER_SCHEMA, environment=environment)
    if environment["GUANJIA_HOST"] in ("127.0.0.1", "localhost", "::1"):
        backend_command("backend.staff.samples", environment=environment)
        backend_command("backend.policies.importer", "--sample", environment=environment)
    return url


def start(children: list[Child]) -> None:
    """Starts all and waits until each is well.

    Raises:
        SystemExit: one did not come up; the end of its log is the message.
    """
    for child in children:
        child.start()
    deadline = time.monotonic() + _START_LIMIT_S
    waiting = list(children)
    while waiting:
        waiting = [child for child in waiting if not child.healthy]
        dead = next((child for child in waiting if not child.alive), None)
        if dead or time.monotonic() > deadline:
            child = dead or waiting[0]
            raise SystemExit(
                f"{child.program.name} 没有启动成功，日志 {child.log}：\n{child.last_lines()}"
            )
        time.sleep(0.2)


def watch(children: list[Child], over: threading.Event | None = None) -> None:
    """Restarts what dies, until `over`; gives up with a message when it dies again and again.

    Raises:
        SystemExit: a process does not stay alive.
    """
    over = over or threading.Event()
    while not over.wait(_WATCH_S):
        for child in children:
            if child.alive:
                continue
            if not child.restart(time.monotonic()):
                raise SystemExit(
                    f"{child.program.name} 反复退出，全部停止。日志 {child.log}：\n{child.last_lines()}"
                )
            print(f"· {child.program.name} 意外退出，已重新启动（日志 {child.log}）", flush=True)


def announce(addresses: Addresses, settings: dict[str, str], fresh: bool, seconds: float) -> None:
    """What is where, and at the first start the passwords of the sample accounts."""
    print(f"\n莞家助手已就绪（{seconds:.0f} 秒）：")
    print(f"  首页      {addresses.public}/")
    print(f"  聊天      {addresses.public}/chat")
    print(f"  工作台    {addresses.public}/staff")
    print(f"  接口文档  {addresses.public}/docs")
    print(f"  Rasa      http://127.0.0.1:{addresses.rasa}/webhooks/rest/webhook（仅本机）")
    if fresh:
        print("  示例账号（密码也在 .env 里）：")
        for name, where in _SAMPLE_ACCOUNTS.items():
            print(f"    {name:12}{where:8}{settings[f'GUANJIA_STAFF_PASSWORD_{name.upper()}']}")
    print("按 Ctrl-C 停止。\n", flush=True)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def children_of(
    addresses: Addresses, environment: dict[str, str], log_dir: Path = ROOT / "var" / "log"
) -> list[Child]:
    """The database, prepared, and one child a program, each with its log file."""
    all_programs = programs(addresses, environment, prepare(environment))
    return [
        *database_servers(environment, ROOT, log_dir),
        *(Child(p, log_dir / f"{p.name}.log", ROOT) for p in all_programs),
    ]


def serve(started: float) -> None:
    """From settings to a running stack, and down again."""
    settings, fresh = env_file.ensure()
    if model.is_stale():
        model.train()
    addresses = Addresses.choose(settings)
    wanted = int(os.environ.get("PORT") or settings["GUANJIA_PORT"])
    if addresses.backend != wanted:
        print(f"· 端口 {wanted} 被别的程序占用，改用 {addresses.backend}", flush=True)
    environment = {**os.environ, **settings, **addresses.environment(), "PYTHONPATH": str(ROOT)}
    children = children_of(addresses, environment)
    try:
        start(children)
        note_address(addresses.public)
        announce(addresses, settings, fresh, time.monotonic() - started)
        watch(children)
    finally:
        print("· 正在停止……", flush=True)
        stop_all(children)


def main() -> None:
    """Command line."""
    started = time.monotonic()
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        with only_one():
            serve(started)
    except Stopped:
        print("· 已停止。", flush=True)
        sys.exit(0)


if __name__ == "__main__":
    main()
