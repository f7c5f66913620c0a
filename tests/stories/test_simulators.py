"""A stranger sits down at `make simulate-wechat` and `make simulate-sms`: files, asks, stops, leaves."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from scripts.env_file import ROOT
from tests.support.terminal import TerminalProgram, in_a_terminal

pytestmark = [pytest.mark.stack, pytest.mark.slow]

_STARTED_WITHIN_S = 240.0
_CASE_NO = r"WSS\d{11}"


@pytest.fixture
def terminal(request: pytest.FixtureRequest) -> Iterator[TerminalProgram]:
    """The simulator named by the test, ready for the first line."""
    command = [sys.executable, "-m", f"scripts.simulate_{request.param}"]
    with in_a_terminal(command, str(ROOT)) as program:
        program.expect(r":quit\n> ", _STARTED_WITHIN_S)
        yield program


@pytest.mark.parametrize("terminal", ["wechat", "sms"], indirect=True)
def test_a_case_is_filed_asked_for_and_notices_are_stopped(terminal: TerminalProgram) -> None:
    terminal.type("村口路灯坏了半个月，晚上老人都不敢出门，我是上沙社区的，13800001234")
    terminal.expect("对吗")
    terminal.type("是")
    filed = terminal.expect(_CASE_NO)
    number = filed[filed.index("WSS") :]
    terminal.type("我的诉求到哪了")
    assert "道路路灯" in terminal.expect(f"{number}.*已接收")
    terminal.type(":forged 假的")
    terminal.expect("HTTP 403")
    terminal.type("退订")
    terminal.expect("不再发|不主动通知")
    terminal.type(":quit")
    assert terminal.process.wait(timeout=60) == 0
    assert "Traceback" not in terminal.shown
