"""Whether the matter lies in another city, or somebody only comes from there."""

from __future__ import annotations

import pytest

from bot.nlu import facts
from bot.nlu.normalization import normalize


def other_city(text: str) -> str | None:
    return facts.gather(normalize(text).text).other_city


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("我是深圳龙岗的", "深圳"),
        ("惠州那边", "惠州"),
        ("广州黄埔那边", "广州"),
        ("在惠州大亚湾", "惠州"),
        ("不在东莞，在惠州", "惠州"),
        ("龙岗的", "龙岗"),
        ("深圳龙岗的路灯坏了没人修", "深圳"),
        ("我住惠州博罗，村口路灯坏了没人管", "惠州"),
        ("我们在河源紫金县，想修条路", "河源"),
        ("我是深圳龙岗的，小区门口路灯坏了", "深圳"),
    ],
)
def test_there(text: str, city: str) -> None:
    assert other_city(text) == city


@pytest.mark.parametrize(
    "text",
    [
        "我老家湖南，路灯坏了没人修",
        "我是湖南的，孩子学费交不起怎么办",
        "我是湖南衡阳的，孩子学费交不起怎么办",
        "我是深圳的，现在在这边租房，路灯坏了",
        "去深圳的公交站没有遮雨棚",
        "东莞和深圳交界的路烂了",
        "从广州搬来的，没钱看病",
        "我老公在深圳上班，家里老人没人照顾",
        "深圳人，在这边开店，垃圾没人收",
        "塘厦林村路灯坏了，深圳龙岗那边就很好",
        "不是深圳的",
        "路灯坏了",
    ],
)
def test_not_there(text: str) -> None:
    assert other_city(text) is None
