"""Address detail: what stands where, without the thing that is broken and the village's name."""

from __future__ import annotations

import pytest

from bot.nlu import facts
from bot.nlu.normalization import normalize


@pytest.mark.parametrize(
    ("said", "village", "address"),
    [
        pytest.param("长安上沙12巷3号", "441900119011", "12巷3号", id="numbered lane in a village"),
        pytest.param("虎门大宁3巷5号楼下", "441900121013", "3巷5号楼下", id="lane and house"),
        pytest.param("厦边菜市场口的红绿灯坏了", "441900119013", "菜市场口", id="broken thing"),
        pytest.param("长安上沙篮球场的灯坏了", "441900119011", "篮球场", id="landmark"),
        pytest.param("石碣横滘小学后头", "441900101204", "小学后头", id="behind a school"),
    ],
)
def test_detail_follows_its_village(said: str, village: str, address: str) -> None:
    [place] = facts.gather(normalize(said).text).places
    assert (place.village, place.address) == (village, address)


def test_what_is_to_be_built_stands_nowhere() -> None:
    assert facts.gather(normalize("樟木头金河社区想办个羽毛球场").text).address is None
