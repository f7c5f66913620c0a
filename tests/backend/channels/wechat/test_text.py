"""Joining and cutting by bytes."""

import random

import pytest

from backend.channels.wechat.text import MAX_TEXT_BYTES, cut, joined
from backend.conversations.schemas import Button, Reply


class TestCut:
    @pytest.mark.parametrize(
        ("text", "limit", "pieces"),
        [
            pytest.param("短。", 100, ["短。"], id="fits"),
            pytest.param("", 100, [], id="nothing"),
            pytest.param("一二三。四五六。七", 24, ["一二三。四五六。", "七"], id="sentence"),
            pytest.param("一二三。”四五六", 18, ["一二三。”", "四五六"], id="closing quote"),
            pytest.param("一二三，四五六七", 15, ["一二三，", "四五六七"], id="comma"),
            pytest.param("一二三四五", 7, ["一二", "三四", "五"], id="no mark at all"),
            pytest.param("第一行\n第二行", 12, ["第一行", "第二行"], id="line"),
        ],
    )
    def test_at_the_end_of_a_sentence(self, text: str, limit: int, pieces: list[str]) -> None:
        assert cut(text, limit) == pieces

    def test_nothing_is_lost_and_nothing_is_too_long(self) -> None:
        chance = random.Random(3)
        for _ in range(300):
            text = "".join(chance.choices("灯。a，\n👨！ ", k=chance.randrange(400)))
            limit = chance.randrange(8, 200)
            pieces = cut(text, limit)
            assert all(0 < len(piece.encode()) <= limit for piece in pieces)
            assert "".join("".join(pieces).split()) == "".join(text.split())


class TestJoined:
    def test_one_message_a_turn(self) -> None:
        button = Button("是", "1")
        replies = [Reply("记下了。"), Reply("在哪里？", (button,), is_urgent=True)]
        assert joined(replies) == (Reply("记下了。\n在哪里？", (button,), is_urgent=True),)

    def test_a_long_one_is_several_with_the_buttons_last(self) -> None:
        button = Button("是", "1")
        first, second = joined([Reply("灯。" * 400, (button,))])
        assert len(first.text.encode()) <= MAX_TEXT_BYTES
        assert (first.buttons, second.buttons) == ((), (button,))
        assert first.text + second.text == "灯。" * 400
