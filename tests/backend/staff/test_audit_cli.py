"""``python -m backend.staff.audit verify`` as an operator runs it, on a log that was tampered with."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest
import pytest_asyncio
from sqlalchemy import text

from backend.core.db import Database
from backend.core.resources import Resources
from backend.staff.audit import AuditLog
from tests.support.settings import environment

Verify = Callable[..., tuple[int, str]]


@pytest_asyncio.fixture(loop_scope="function")
async def log(committed: Database, api_resources: Resources) -> Database:
    """Five entries, committed."""
    resources = replace(api_resources, database=committed)
    async with committed.transaction() as session:
        written = AuditLog(session, resources.vault, resources.clock)
        for number in range(5):
            await written.write("village", "reveal_contact", reason=f"理由{number}")
    return committed


@pytest.fixture
def verify(database_address: str) -> Verify:
    """Runs the command; its exit status and what it prints."""
    variables = {**os.environ, **environment(database_address)}

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "backend.staff.audit", "verify", *arguments]
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


async def tamper(log: Database, statement: str) -> None:
    """What somebody with the database's own password could do."""
    async with log.engine.begin() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        await connection.execute(text(statement))


def head_of(said: str) -> str:
    """The check value that an operator notes."""
    found = re.search(r"校验码 ([0-9a-f]{64})", said)
    assert found, said
    return found[1]


async def test_a_whole_log(log: Database, verify: Verify) -> None:
    status, said = verify()
    assert (status, "审计日志完整：5 条" in said) == (0, True)
    assert verify("--head", head_of(said))[0] == 0


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        pytest.param("update audit_log set reason = '别的' where id = 3", 3, id="altered"),
        pytest.param("delete from audit_log where id = 3", 4, id="deleted in the middle"),
        pytest.param("delete from audit_log where id = 1", 2, id="deleted at the beginning"),
        pytest.param("update audit_log set id = 9 where id = 2", 3, id="moved"),
    ],
)
async def test_a_broken_one_names_the_place(
    log: Database, verify: Verify, statement: str, broken_at: int
) -> None:
    await tamper(log, statement)
    status, said = verify()
    assert status == 1
    assert f"在第 {broken_at} 条断开" in said


async def test_a_cut_off_end_shows_by_the_noted_value_only(log: Database, verify: Verify) -> None:
    noted = head_of(verify()[1])
    await tamper(log, "delete from audit_log where id > 3")
    assert verify()[0] == 0
    status, said = verify("--head", noted)
    assert status == 1
    assert "末尾可能被截去（现有 3 条）" in said


async def test_the_database_itself_refuses_changes(log: Database) -> None:
    for statement in ("update audit_log set reason = ''", "delete from audit_log"):
        with pytest.raises(Exception, match="append-only"):
            async with log.engine.begin() as connection:
                await connection.execute(text(statement))
