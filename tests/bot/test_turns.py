"""What the channels do to a text before the turn, and to the answers after it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.connector import authorised
from bot.turns import MAX_TEXT_CHARS, TurnCollector, as_plain_text, work

SILENCE = "您说的话已经留下来了"
AGENT: Any = SimpleNamespace(
    domain=SimpleNamespace(
        responses={
            "utter_empty": [{"text": "我没收到文字"}],
            "utter_service_down": [{"text": SILENCE}],
        }
    )
)


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        pytest.param("/restart", "restart", id="command"),
        pytest.param("／restart", "restart", id="full-width command"),
        pytest.param('//report{"town":"x"}', 'report{"town":"x"}', id="intent"),
        pytest.param("  路灯坏了 ", "路灯坏了", id="blanks"),
        pytest.param("路灯\x00坏\ud800了", "路灯坏了", id="what PostgreSQL refuses"),
        pytest.param("一行\n两行", "一行\n两行", id="line breaks stay"),
        pytest.param(None, "", id="nothing"),
        pytest.param(17, "", id="no text"),
    ],
)
def test_free_text_cannot_command(sent: object, seen: str) -> None:
    assert as_plain_text(sent) == seen


def test_a_text_is_bounded() -> None:
    assert len(as_plain_text("长" * (MAX_TEXT_CHARS + 5))) == MAX_TEXT_CHARS


async def test_a_turn_is_one_message_with_all_its_buttons() -> None:
    collector = TurnCollector("sms")
    await collector.send_text_message("c", "我理解为…\n\n两段")
    await collector.send_text_with_buttons("c", "对吗？", [{"title": "是", "payload": "是"}])
    assert collector.name() == "sms"
    assert collector.joined() == [
        {"text": "我理解为…\n\n两段\n对吗？", "buttons": [{"title": "是", "payload": "是"}]}
    ]


async def turn(text: object, *, says: list[Any], raises: bool = False) -> Any:
    """Runs a turn whose assistant says these things."""

    async def on_new_message(message: Any) -> None:
        if raises:
            raise RuntimeError
        for thing in says:
            if isinstance(thing, str):
                await message.output_channel.send_text_message("c", thing)
            else:
                await message.output_channel.send_custom_json("c", thing)

    return await work(
        AGENT,
        on_new_message,
        text=text,
        sender_id="c",
        channel="rest",
        message_id=None,
        metadata=None,
    )


class TestWork:
    async def test_says_what_the_assistant_said(self) -> None:
        result = await turn("你好", says=["您好"])
        assert (result.messages, result.failed) == ([{"text": "您好"}], False)

    @pytest.mark.parametrize("raises", [True, False], ids=["raised", "silent"])
    async def test_silence_is_a_failure_and_is_told(self, raises: bool) -> None:
        result = await turn("你好", says=[], raises=raises)
        assert (result.messages, result.failed) == ([{"text": SILENCE}], True)

    async def test_an_action_may_ask_for_the_turn_again(self) -> None:
        result = await turn("是", says=["还没有登记成功", {"retry": True}])
        assert result.messages[0]["text"] == "还没有登记成功"
        assert result.failed

    async def test_an_empty_text_never_reaches_the_assistant(self) -> None:
        result = await turn(" \n", says=[], raises=True)
        assert (result.messages, result.failed) == ([{"text": "我没收到文字"}], False)


@pytest.mark.parametrize(
    ("header", "ok"),
    [
        ("Bearer secret", True),
        ("Bearer Secret", False),
        ("secret", False),
        ("", False),
        (None, False),
    ],
)
def test_only_the_shared_secret_gets_in(header: str | None, ok: bool) -> None:
    assert authorised(header, "secret") is ok
