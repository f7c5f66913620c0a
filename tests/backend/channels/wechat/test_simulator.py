"""The terminal in which one is a citizen in WeChat."""

import time
from pathlib import Path

import pytest

from scripts.simulate_wechat import Terminal
from scripts.wechat.platform import Platform
from scripts.wechat.stand_in import StandIn
from tests.backend.channels.wechat.test_photos import photo
from tests.backend.channels.wechat.test_processes import (
    address_of_database,
    backend,
    jobs,
    platform,
    surroundings,
)
from tests.support.assistant import FakeAssistant
from tests.support.processes import Process

__all__ = ["address_of_database", "backend", "jobs", "platform", "surroundings"]


@pytest.fixture
def terminal(
    platform: Platform, stand_in: StandIn, jobs: Process, assistant: FakeAssistant
) -> Terminal:
    """A citizen at the keyboard, the product running."""
    made = Terminal(platform, stand_in)
    stand_in.on_send = made.show
    return made


def printed(capsys: pytest.CaptureFixture[str], wanted: str, within_s: float = 15.0) -> str:
    """What the terminal shows, once that is in it."""
    shown, deadline = "", time.monotonic() + within_s
    while wanted not in shown and time.monotonic() < deadline:
        shown += capsys.readouterr().out
        time.sleep(0.05)
    return shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("路灯坏了", "字节\n    收到：路灯坏了"),
        (":voice 路灯不亮", "收到：路灯不亮"),
        (":voice", "麻烦您打字"),
        (":location 22.8 113.8 长安镇上沙", "收到：长安镇上沙"),
        (":location 22.8 113.8", "看不出是哪个村"),
        (":location here", "not enough values"),
        (":follow 441900119003", "便民服务卡"),
        (":scan", "便民服务卡"),
        (":menu progress", "收到：我的诉求到哪了"),
        (":forged 假的", "HTTP 403"),
        (":old 以前的", "HTTP 403"),
        (":image /nowhere.jpg", "No such file"),
        (":as 阿芳", "现在是阿芳"),
        (":as", "要写一个名字"),
        (":what", ":help"),
    ],
)
def test_a_line_and_what_comes(
    terminal: Terminal, capsys: pytest.CaptureFixture[str], line: str, shown: str
) -> None:
    terminal.obey(line)
    assert shown in printed(capsys, shown)


def test_the_same_again_gets_the_same(
    terminal: Terminal, capsys: pytest.CaptureFixture[str], assistant: FakeAssistant
) -> None:
    terminal.obey("路灯坏了")
    assert "收到：路灯坏了" in printed(capsys, "收到：路灯坏了")
    terminal.obey(":again")
    assert "收到：路灯坏了" in printed(capsys, "收到：路灯坏了")
    assert assistant.texts() == ["路灯坏了"]


def test_errors_on_demand(
    terminal: Terminal,
    capsys: pytest.CaptureFixture[str],
    stand_in: StandIn,
    assistant: FakeAssistant,
) -> None:
    assistant.delay_s = 3.0
    terminal.obey(":error 42001")
    terminal.obey("路灯坏了")
    stand_in.wait_for(1)
    assert "收到：路灯坏了" in printed(capsys, "客服消息")


def test_a_photo(terminal: Terminal, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "lamp.jpg"
    file.write_bytes(photo())
    terminal.obey(f":image {file}")
    assert "照片收到了" in printed(capsys, "照片收到了")
