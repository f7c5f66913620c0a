"""Lengths in UCS-2 units, and where long answers are cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.channels.sms.segments import clip, cut, segments, units


class TestSegments:
    @pytest.mark.parametrize(
        ("characters", "expected"),
        [(0, 0), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (500, 8)],
    )
    def test_seventy_alone_sixty_seven_each(self, characters: int, expected: int) -> None:
        assert segments("测" * characters) == expected

    def test_an_emoji_takes_two_units_and_is_not_torn(self) -> None:
        assert units("😀") == 2
        assert segments("😀" * 35) == 1
        assert segments("😀" * 36) == 2
        assert segments("测" + "😀" * 66) == 2
        assert segments("😀" * 67) == 3


class TestCut:
    def test_at_the_end_of_a_sentence(self) -> None:
        assert cut("路灯坏了三盏。明天派人去修，请您留意。", 15) == [
            "路灯坏了三盏。",
            "明天派人去修，请您留意。",
        ]

    def test_else_at_a_pause_else_anywhere(self) -> None:
        assert cut("一二三四，五六七八九十", 8) == ["一二三四，", "五六七八九十"]
        assert cut("一二三四五六七八九十", 4) == ["一二三四", "五六七八", "九十"]

    @settings(deadline=None)
    @given(st.text(min_size=0, max_size=400), st.integers(4, 60))
    def test_every_piece_fits_and_only_blanks_are_lost(self, text: str, limit: int) -> None:
        pieces = cut(text, limit)
        assert all(0 < units(piece) <= limit for piece in pieces)
        assert "".join("".join(pieces).split()) == "".join(text.split())


@settings(deadline=None)
@given(st.text(max_size=60), st.integers(1, 30))
def test_clipped_text_fits(text: str, limit: int) -> None:
    short = clip(text, limit)
    assert units(short) <= limit
    assert short == text or short.endswith("…")
