"""Long answers in parts; buttons in words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.channels.sms.channel import notice
from backend.channels.sms.routing import shape
from backend.channels.sms.segments import MAX_SEGMENTS, segments
from backend.channels.sms.templates import templates
from backend.conversations.schemas import Button, Notice, Reply

SIGNATURE = templates().signature


class TestParts:
    def test_a_short_answer_stays_one(self) -> None:
        assert shape([Reply("在哪个村（社区）？")]) == (Reply("在哪个村（社区）？"),)

    def test_a_long_answer_is_cut_at_sentences_and_numbered(self) -> None:
        text = "您的诉求现在是“已接收”，村（社区）正在处理中，将在11月18日前召开协商会议。" * 8
        parts = [part.text for part in shape([Reply(text)])]
        assert [part[:5] for part in parts] == ["(1/3)", "(2/3)", "(3/3)"]
        assert all(part.endswith("。") for part in parts)
        assert "".join(part[5:] for part in parts) == text

    @settings(deadline=None)
    @given(st.text(min_size=1, max_size=1500).filter(lambda text: text.strip()))
    def test_every_part_is_a_message_that_can_be_sent_whole(self, text: str) -> None:
        parts = shape([Reply(text)])
        for part in parts:
            assert segments(SIGNATURE + part.text) <= MAX_SEGMENTS
            assert templates().fill("reply", {"text": part.text}) == SIGNATURE + part.text.strip()

    def test_every_part_of_an_urgent_answer_is_urgent(self) -> None:
        parts = shape([Reply("字" * 300, is_urgent=True)])
        assert len(parts) > 1
        assert all(part.is_urgent for part in parts)

    def test_a_registered_text_stays_whole(self) -> None:
        message = notice("opted_out")
        assert shape([message]) == (message,)

    def test_an_unknown_notice_is_sent_as_an_answer(self) -> None:
        (part,) = shape([Reply("您的诉求有进展。", notice=Notice("of_another_channel"))])
        assert (part.text, part.notice) == ("您的诉求有进展。", None)


class TestLinks:
    """No text message carries one."""

    @pytest.mark.parametrize(
        ("said", "left"),
        [
            ("已办结。详情见 https://dg.gov.cn/a?b=1 。请评价。", "已办结。请评价。"),
            ("已办结。查看www.dg.gov.cn/x", "已办结。"),
            ("https://dg.gov.cn/a", ""),
            ("请上 dg.gov.cn 看", "请上  看"),
            ("编号WSS26112100014，没有链接。", "编号WSS26112100014，没有链接。"),
        ],
    )
    def test_are_left_out(self, said: str, left: str) -> None:
        assert [part.text for part in shape([Reply(said)])] == ([left] if left else [])


class TestButtons:
    def test_are_named_where_the_text_does_not(self) -> None:
        offer = Reply("要转给他们吗？", (Button("要，帮我转", "要的"), Button("不用了", "不用")))
        (part,) = shape([offer])
        assert part.text == "要转给他们吗？\n请回“要的”或“不用”。"
        assert part.buttons == ()

    def test_numbered_lists_name_themselves(self) -> None:
        offer = Reply("哪一个？\n1 长安\n2 虎门", (Button("长安", "1"), Button("虎门", "2")))
        assert shape([offer])[0].text == offer.text
