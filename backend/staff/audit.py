"""The audit log: append-only, each entry sealed together with the one before it.

``python -m backend.staff.audit verify [--head MAC]`` walks the chain; with ``--head`` it also
checks that the value noted at an earlier check is still in it, which shows a cut-off end.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import Literal

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import Clock, SystemClock
from backend.core.db import create_database
from backend.core.postgres import database_url
from backend.core.privacy import Vault
from backend.core.resources import build_vault
from backend.settings import Settings, load_settings
from backend.staff.models import AuditEntry

Action = Literal[
    "sign_in", "sign_in_failed", "sign_in_blocked", "sign_out", "password_changed",
    "account_created", "account_closed", "reveal_contact", "phone_search", "case_printed", "case_exported",
    "image_opened",
]  # fmt: skip
GENESIS = "0" * 64
UNKNOWN_ACCOUNT = "（未知账号）"
_LOCK = 4_419_002
_BATCH = 1_000


def seal(vault: Vault, entry: AuditEntry, previous: str) -> str:
    """The keyed hash of an entry and its predecessor's."""
    content = [
        previous,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.staff,
        entry.action,
        entry.case_no,
        entry.reason,
        entry.address,
    ]
    return vault.keyed_hash("audit", json.dumps(content, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a walk over the chain found; ``broken_at`` is the first entry that does not fit."""

    entries: int
    older: int
    head: str
    broken_at: int | None = None
    head_found: bool = True

    @property
    def is_whole(self) -> bool:
        """Whether nothing was changed, left out, swapped or cut off."""
        return self.broken_at is None and self.head_found


class ChainWalk:
    """Checks entries in their order, one by one."""

    def __init__(self, vault: Vault, noted_head: str | None = None) -> None:
        self._vault = vault
        self._noted = noted_head
        self._found = noted_head in (None, GENESIS)
        self._head, self._entries, self._older = GENESIS, 0, 0
        self._broken_at: int | None = None

    def feed(self, entries: Iterable[AuditEntry]) -> None:
        """Check the next entries."""
        for entry in entries:
            if self._broken_at is None:
                self._step(entry)

    def _step(self, entry: AuditEntry) -> None:
        if entry.mac is None and self._entries == 0:
            self._older += 1
            return
        fits = entry.previous == self._head and entry.mac == seal(self._vault, entry, self._head)
        if not fits:
            self._broken_at = entry.id
            return
        self._head = entry.mac or ""
        self._entries += 1
        self._found = self._found or self._head == self._noted

    def report(self) -> ChainReport:
        """The findings so far."""
        return ChainReport(self._entries, self._older, self._head, self._broken_at, self._found)


class AuditLog:
    """Writes and reads the log within one session."""

    def __init__(self, session: AsyncSession, vault: Vault, clock: Clock) -> None:
        self._session = session
        self._vault = vault
        self._clock = clock

    async def write(
        self,
        staff: str,
        action: Action,
        *,
        case_no: str | None = None,
        reason: str | None = None,
        address: str | None = None,
    ) -> None:
        """Append an entry; writers wait for each other until their transactions end."""
        await self._session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        last = await self._session.scalar(
            select(AuditEntry.mac).order_by(AuditEntry.id.desc()).limit(1)
        )
        entry = AuditEntry(
            at=self._clock.now(),
            staff=staff,
            action=action,
            case_no=case_no,
            reason=reason,
            address=address,
            previous=last or GENESIS,
        )
        entry.mac = seal(self._vault, entry, entry.previous or GENESIS)
        self._session.add(entry)
        await self._session.flush()

    async def page(
        self,
        *,
        before_id: int | None = None,
        staff: str | None = None,
        action: str | None = None,
        case_no: str | None = None,
        limit: int = 50,
    ) -> list[AuditEntry]:
        """Entries, newest first, one more than ``limit``."""
        statement = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit + 1)
        equal = {
            AuditEntry.staff: staff,
            AuditEntry.action: action,
            AuditEntry.case_no: case_no,
        }
        for column, value in equal.items():
            if value is not None:
                statement = statement.where(column == value)
        if before_id is not None:
            statement = statement.where(AuditEntry.id < before_id)
        return list(await self._session.scalars(statement))

    async def of_case(self, case_no: str) -> list[AuditEntry]:
        """All entries about a case, oldest first."""
        statement = select(AuditEntry).where(AuditEntry.case_no == case_no).order_by(AuditEntry.id)
        return list(await self._session.scalars(statement))

    async def verify(self, noted_head: str | None = None) -> ChainReport:
        """Walk the whole chain."""
        walk = ChainWalk(self._vault, noted_head)
        async for batch in self._batches():
            walk.feed(batch)
        return walk.report()

    async def _batches(self) -> AsyncIterator[list[AuditEntry]]:
        last_id = 0
        while True:
            statement = (
                select(AuditEntry)
                .where(AuditEntry.id > last_id)
                .order_by(AuditEntry.id)
                .limit(_BATCH)
                .execution_options(populate_existing=True)
            )
            batch = list(await self._session.scalars(statement))
            if not batch:
                return
            yield batch
            last_id = batch[-1].id


def told(report: ChainReport) -> str:
    """The report in one line."""
    if report.broken_at is not None:
        return f"审计日志链在第 {report.broken_at} 条断开：该条或其前一条被改动、删除或调换"
    if not report.head_found:
        return f"审计日志链完整，但找不到您记下的校验码：末尾可能被截去（现有 {report.entries} 条）"
    older = f"，另有 {report.older} 条早于链的启用" if report.older else ""
    return f"审计日志完整：{report.entries} 条{older}；校验码 {report.head}"


async def _verify(settings: Settings, noted_head: str | None) -> ChainReport:
    database = create_database(database_url(settings))
    try:
        async with database.transaction() as session:
            return await AuditLog(session, build_vault(settings), SystemClock()).verify(noted_head)
    finally:
        await database.close()


def main(arguments: list[str] | None = None) -> int:
    """0 if the chain is whole, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m backend.staff.audit")
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="walk the chain of the audit log")
    verify.add_argument("--head", help="a check value noted earlier, which must still be there")
    parsed = parser.parse_args(arguments)
    report = asyncio.run(_verify(load_settings(), parsed.head))
    sys.stdout.write(told(report) + "\n")
    return 0 if report.is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
