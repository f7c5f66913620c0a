"""Normalised text, and the way back to the text as sent."""

from __future__ import annotations

import pytest

from bot.nlu.dialect import gloss
from bot.nlu.normalization import normalize


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param("ＷＳＳ１２３", "WSS123", id="full-width"),
        pytest.param("東莞嘅街燈壞咗", "东莞嘅街灯坏咗", id="traditional"),
        pytest.param("嗰邊冇燈", "嗰边冇灯", id="cantonese-characters-stay"),
        pytest.param("路\u200b灯\u0007坏", "路灯坏", id="zero-width-and-control"),
        pytest.param("  村口　　路灯 \t坏 ", "村口 路灯 坏", id="white-space"),
        pytest.param("第①间㎡", "第1间m2", id="compatibility"),
        pytest.param("好，好！", "好，好！", id="punctuation-stays"),
        pytest.param("", "", id="empty"),
    ],
)
def test_text(sent: str, expected: str) -> None:
    assert normalize(sent).text == expected


@pytest.mark.parametrize("sent", ["  Ａ東莞①㎡\u200b裏面，１２ 3", "喺　\n\n上沙", "😀路燈😀"])
def test_each_character_leads_back_to_its_origin(sent: str) -> None:
    normalized = normalize(sent)
    assert len(normalized.offsets) == len(normalized.text)
    for position, character in enumerate(normalized.text):
        start, end = normalized.span(position, position + 1)
        assert end == start + 1
        assert character in (" ", "\n") or character in normalize(sent[start:end]).text


def test_span_of_nothing_is_empty() -> None:
    assert normalize("路灯").span(1, 1) == (1, 1)
    assert normalize("").span(0, 0) == (0, 0)


def test_gloss_puts_dialect_into_mandarin_and_spares_mandarin_words() -> None:
    assert gloss("我哋冇人理") == "我们没人管"
    assert gloss("饮食店申请仲裁") == "饮食店申请仲裁"
