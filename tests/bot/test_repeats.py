"""A message that is sent again gets the answer it got, and its turn is not worked twice."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered

from bot.repeats import said_after
from bot.turns import work

BUTTONS = {"buttons": [{"title": "是", "payload": "是"}], "custom": None}
FILED = "登记好了，编号 WSS26112148215"
EVENTS = [
    UserUttered("路灯坏了", message_id="webchat:1"),
    BotUttered("在哪里？"),
    UserUttered("上沙", message_id="webchat:2"),
    ActionExecuted("action_intake"),
    BotUttered("我理解为微实事。"),
    BotUttered("对吗？", BUTTONS),
    UserUttered("是", message_id="webchat:3"),
    BotUttered(FILED),
]


@pytest.mark.parametrize(
    ("message_id", "said"),
    [
        ("webchat:1", ["在哪里？"]),
        ("webchat:2", ["我理解为微实事。", "对吗？"]),
        ("webchat:3", [FILED]),
        ("webchat:4", []),
    ],
)
def test_what_was_said_after_a_message(message_id: str, said: list[str]) -> None:
    assert [message["text"] for message in said_after(EVENTS, message_id)] == said


def test_the_last_try_counts() -> None:
    events = [*EVENTS, UserUttered("是", message_id="webchat:3"), BotUttered("还没有登记成功")]
    assert [m["text"] for m in said_after(events, "webchat:3")] == ["还没有登记成功"]


def agent(events: list[Any]) -> Any:
    """An agent that remembers these events."""

    @contextlib.asynccontextmanager
    async def lock(sender_id: str) -> AsyncIterator[None]:
        yield

    async def retrieve(sender_id: str) -> Any:
        return SimpleNamespace(events=events)

    return SimpleNamespace(
        lock_store=SimpleNamespace(lock=lock), tracker_store=SimpleNamespace(retrieve=retrieve)
    )


async def again(events: list[Any], message_id: str, *, is_repeat: bool = True) -> list[Any]:
    """The messages of a turn; one that is worked says “另一个答复”."""

    async def on_new_message(message: Any) -> None:
        await message.output_channel.send_text_message("c", "另一个答复")

    result = await work(
        agent(events),
        on_new_message,
        text="是",
        sender_id="c",
        channel="webchat",
        message_id=message_id,
        metadata=None,
        is_repeat=is_repeat,
    )
    assert not result.failed
    return result.messages


ANOTHER = [{"text": "另一个答复"}]


class TestWork:
    async def test_the_same_answer_with_its_buttons(self) -> None:
        answer = "我理解为微实事。\n对吗？"
        assert await again(EVENTS, "webchat:2") == [
            {"text": answer} | {"buttons": BUTTONS["buttons"]}
        ]

    async def test_what_was_never_worked_is_worked(self) -> None:
        assert await again(EVENTS, "webchat:4") == ANOTHER

    async def test_a_turn_that_asked_to_be_tried_again_is_worked(self) -> None:
        failed = BotUttered("还没有登记成功", {"custom": {"retry": True}})
        assert await again([*EVENTS[:-1], failed], "webchat:3") == ANOTHER

    async def test_a_first_try_does_not_look(self) -> None:
        assert await again(EVENTS, "webchat:3", is_repeat=False) == ANOTHER
