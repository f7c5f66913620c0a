"""What processes use: memory, and processor time that other work on the machine does not change."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from scripts.processes import Child

_PAGE, _TICKS_PER_S = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    pids = [pid]
    for parent in pids:
        with suppress(OSError):
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text()
            pids += [int(child) for child in children.split()]
    return pids


def resident_mb(child: Child) -> float:
    """Resident memory of a process in MB, its children included."""
    pids = family(child.process.pid) if child.process else []
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * _PAGE / 1e6


def processor_s(pids: Iterable[int]) -> float:
    """Processor seconds these processes have used since their start, ended children included."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(ticks) for ticks in fields[11:15])
    return total / _TICKS_PER_S


def processor_by_name(children: Mapping[str, Child], data: Path) -> dict[str, float]:
    """Processor seconds of each process of a stack, and of its embedded database."""
    used = {name: processor_s([c.process.pid]) for name, c in children.items() if c.process}
    postmaster = data / "pg" / "postmaster.pid"
    if postmaster.exists():
        pid = int(postmaster.read_text().split("\n", 1)[0])
        used["postgres"] = processor_s(family(pid))
    return used
