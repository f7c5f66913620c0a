"""Descriptions: the citizen's words without numbers that belong in the contact alone."""

from __future__ import annotations

import pytest

from bot.nlu.summary import describe


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("路灯坏了，电话幺三八零零零零一二三四", id="spoken"),
        pytest.param("路灯坏了，电话 138 0000 1234", id="in groups"),
        pytest.param("路灯坏了，电话13800001234", id="digits"),
    ],
)
def test_no_phone_stays_in_a_description(said: str) -> None:
    assert describe(said, []) == "路灯坏了"


def test_that_something_is_asked_is_not_the_matter() -> None:
    assert describe("你好，我想问下村口的灯谁管", []) == "村口的灯谁管"


def test_words_that_lead_over_to_a_matter_are_dropped() -> None:
    assert describe("还有就是我妈想申请一张护理床", []) == "我妈想申请一张护理床"
    assert describe("另外，沟堵了", []) == "沟堵了"
