"""With a part of the product down nothing is claimed that did not happen, and nothing is lost."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.stories.conftest import RunningStack

pytestmark = pytest.mark.stack

_CASE_NO = re.compile(r"(?:WSS|WXY|ZYZ)\d")


@contextmanager
def without(stack: RunningStack, name: str) -> Iterator[None]:
    """One process killed, and started again afterwards."""
    child, deadline = stack.children[name], time.monotonic() + 10
    child.kill()
    while child.alive:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    try:
        yield
    finally:
        child.start()
        deadline = time.monotonic() + 60
        while not child.healthy:
            assert time.monotonic() < deadline, child.last_lines()
            time.sleep(0.2)


@pytest.mark.parametrize("name", ["backend", "actions"])
def test_no_number_while_it_is_down_and_one_afterwards(stack: RunningStack, name: str) -> None:
    sender = f"outage-{uuid.uuid4().hex}"
    assert "对吗" in stack.say(sender, "长安上沙村口路灯不亮，13800004321", "rest")
    with without(stack, name):
        answer = stack.say(sender, "是", "rest")
        assert "还没有登记" in answer
        assert not _CASE_NO.search(answer)
    assert _CASE_NO.search(stack.say(sender, "是", "rest"))
    assert len(stack.api("GET", "/cases", params={"conversation_id": sender})["items"]) == 1


def test_danger_is_answered_even_without_the_backend(stack: RunningStack) -> None:
    with without(stack, "backend"):
        answer = stack.say(f"danger-{uuid.uuid4().hex}", "救命，我家着火了，火很大", "rest")
    assert answer.startswith("119")


def test_what_was_told_is_remembered_after_the_database_was_away(stack: RunningStack) -> None:
    """Rasa would go on with an empty memory, and the “是” would answer nothing."""
    sender = f"outage-{uuid.uuid4().hex}"
    assert (
        "对吗" in stack.turn(sender, 1, "长安上沙村口路灯不亮，13800004321")["messages"][0]["text"]
    )
    with without(stack, "postgres"):
        assert stack.turn(sender, 2, "是")["failed"]
    answer = stack.turn(sender, 2, "是", again=True)
    for _ in range(5):
        if not answer["failed"]:
            break
        time.sleep(1)
        answer = stack.turn(sender, 2, "是", again=True)
    assert _CASE_NO.search(answer["messages"][0]["text"])
    assert len(stack.api("GET", "/cases", params={"conversation_id": sender})["items"]) == 1


def test_a_readiness_probe_names_what_is_missing(stack: RunningStack) -> None:
    with without(stack, "actions"):
        answer = httpx.get(f"{stack.backend_url}/readyz", timeout=20)
    assert answer.status_code == 503
    assert "actions" in answer.text
