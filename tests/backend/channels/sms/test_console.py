"""The laptop's provider: prints, keeps, and never twice."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.channels.sms.console import OUTBOX, ConsoleClient, read_outbox
from backend.conversations.delivery import Outbound, Receipt, Recipient
from backend.core.clock import FixedClock

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
MESSAGE = Outbound(id=3, text="请回电话13800001234", created_at=NOW)
TO = Recipient("c", "sms", "+8613800001234")


@pytest.fixture
def console(tmp_path: Path) -> ConsoleClient:
    return ConsoleClient(tmp_path / "var" / OUTBOX, FixedClock(NOW))


async def test_prints_without_numbers_and_keeps_the_text(
    console: ConsoleClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await console.send(MESSAGE, TO) == Receipt("console", "console-3", is_delivered=True)
    assert capsys.readouterr().err == "短信 → 138****1234\n【莞家】请回电话*******1234\n"
    (line,) = read_outbox(console.file)
    assert (line["to"], line["text"]) == ("138****1234", "【莞家】请回电话13800001234")
    assert (line["template"], line["segments"], line["id"]) == ("reply", 1, 3)


async def test_only_the_owner_may_read_the_file(console: ConsoleClient) -> None:
    await console.send(MESSAGE, TO)
    assert console.file.stat().st_mode & 0o777 == 0o600


async def test_a_message_is_kept_once(console: ConsoleClient) -> None:
    assert await console.find(MESSAGE, TO, NOW) is None
    for _ in range(2):
        await console.send(MESSAGE, TO)
    await console.send(replace(MESSAGE, id=4), TO)
    assert [line["id"] for line in read_outbox(console.file)] == [3, 4]


async def test_a_line_cut_off_by_a_crash_is_left_out(console: ConsoleClient) -> None:
    await console.send(MESSAGE, TO)
    with console.file.open("a", encoding="utf-8") as file:
        file.write('{"id": 9, "te')
    assert len(read_outbox(console.file)) == 1
