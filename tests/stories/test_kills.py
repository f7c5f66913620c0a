"""Whatever process dies, at whatever moment: nothing is lost, nothing twice, everybody answered.

Six kills; ``python -m tests.stories.kills --kills 200`` is the long run.
"""

from __future__ import annotations

import uuid

import pytest

from tests.stories.conftest import RunningStack
from tests.stories.kills import run

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def test_citizens_talk_on_while_processes_are_killed() -> None:
    report = run(kills=6, citizens=1, seed=1)
    assert report.kills.total() == 6
    assert report.verdict.messages > 9
    assert report.is_clean, str(report)


def test_a_repeated_yes_tells_the_number_again_and_files_nothing_more(stack: RunningStack) -> None:
    """The worker died between the assistant's answer and keeping it."""
    sender = f"repeat-{uuid.uuid4().hex}"

    def say(number: int, text: str, *, again: bool = False) -> str:
        answer = stack.turn(sender, number, text, again=again)
        return "\n".join(message["text"] for message in answer["messages"])

    assert "对吗" in say(1, "长安上沙村口路灯不亮，13800004322")
    filed = say(2, "是")
    assert "WSS" in filed
    assert say(2, "是", again=True) == filed
    assert len(stack.api("GET", "/cases", params={"conversation_id": sender})["items"]) == 1
