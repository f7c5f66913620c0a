"""A stranger sits down at `make simulate-wechat` and `make simulate-sms`: files, asks, rates, leaves."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from scripts.env_file import ROOT, ensure
from tests.support.terminal import TerminalProgram, in_a_terminal

pytestmark = [pytest.mark.stack, pytest.mark.slow]

_STARTED_WITHIN_S = 240.0
_CASE_NO = r"WSS\d{11}"
_MATTER = "村口路灯坏了半个月，晚上老人都不敢出门，我是上沙社区的"


@dataclass
class Simulator:
    """The terminal, and the office of the same stack."""

    terminal: TerminalProgram
    office: str

    def says(self, line: str, answer: str) -> str:
        """A line and what it is answered with."""
        self.terminal.type(line)
        return self.terminal.expect(answer)

    def files(self, matter: str) -> str:
        """The number of the case."""
        self.says(matter, "回“是”")
        filed = self.says("是", _CASE_NO)
        return filed[filed.index("WSS") :]

    def step(self, case_no: str, to: str, note: str) -> None:
        """Staff of the city move the case."""
        signed_in = httpx.post(
            f"{self.office}/api/v1/auth/token",
            json={"username": "city", "password": ensure()[0]["GUANJIA_STAFF_PASSWORD_CITY"]},
        ).json()
        httpx.post(
            f"{self.office}/api/v1/cases/{case_no}/transitions",
            headers={"Authorization": f"Bearer {signed_in['access_token']}"},
            json={"to": to, "note": note},
        ).raise_for_status()

    def leaves(self) -> None:
        """Nothing broke on the way."""
        self.terminal.type(":quit")
        assert self.terminal.process.wait(timeout=60) == 0
        assert "Traceback" not in self.terminal.shown


@pytest.fixture
def simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """The simulator named by the test, ready for the first line."""
    command = [sys.executable, "-m", f"scripts.simulate_{request.param}"]
    with in_a_terminal(command, str(ROOT)) as program:
        started = program.expect(r":quit\n> ", _STARTED_WITHIN_S)
        office = re.search(r"工作台 (http://[\w.:]+)/staff", started)
        assert office is not None
        yield Simulator(program, office[1])


@pytest.mark.parametrize("simulator", ["wechat"], indirect=True)
def test_by_wechat_a_case_is_filed_asked_for_and_notices_are_stopped(simulator: Simulator) -> None:
    number = simulator.files(f"{_MATTER}，13800001234")
    assert "道路路灯" in simulator.says("我的诉求到哪了", f"{number}.*已接收")
    simulator.says(":forged 假的", "HTTP 403")
    simulator.step(number, "deliberation", "收到，安排协商")
    assert "客服消息" in simulator.terminal.expect("前召开协商会")
    simulator.says("退订", "不再发|不主动通知")
    simulator.leaves()


@pytest.mark.parametrize("simulator", ["sms"], indirect=True)
def test_by_sms_a_case_is_filed_rated_and_the_number_taken_out(simulator: Simulator) -> None:
    number = simulator.files(_MATTER)
    simulator.terminal.expect("回“进度”可查进度")
    simulator.says("进度", f"{number}[^>]*已接收")
    simulator.says(":forged 假的", "HTTP 403")
    for to, note in (("referred", "转市照明所"), ("completed", "换了灯"), ("feedback", "灯亮了")):
        simulator.step(number, to, note)
    simulator.terminal.expect(f"{number}[^>]*灯亮了[^>]*请回1到5")
    simulator.says("5", f"5分[^>]*{number}")
    simulator.says("人工", "工作人员打给您这个号码")
    simulator.says("退订", "已为您退订")
    simulator.says("不是我", "这个号码已从登记的诉求里去掉")
    assert number not in simulator.says("进度", "请回编号")
    simulator.leaves()
