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


@pytest.mark.parametrize(
    ("said", "address"),
    [
        pytest.param("企石旧围村钱去医院都没有", None, id="where the money went"),
        pytest.param("麻涌新基村走老路", None, id="a verb and no road's name"),
        pytest.param("麻涌新基村走南环路进来", "南环路", id="a verb before a road's name"),
        pytest.param("凤岗官井头村不是想不开，就是烦", None, id="a feeling"),
        pytest.param("石排福隆村林路生", None, id="a person"),
        pytest.param("石龙东坊路12号", "东坊路12号", id="a word for a lane inside a name"),
        pytest.param("中堂镇潢涌村中堂镇潢涌村口", "村口", id="said twice"),
        pytest.param("厚街白濠垃圾站天天臭", "垃圾站", id="a thing beside its village"),
        pytest.param("樟木头的新村", "新村", id="a village not in the list"),
    ],
)
def test_what_follows_a_place(said: str, address: str | None) -> None:
    assert facts.gather(normalize(said).text).places[0].address == address


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("东坊路12号", "东坊路12号"),
        ("文化中心侧边", "文化中心侧边"),
        ("3栋502", "3栋502"),
        ("村口小卖部对面", "村口小卖部对面"),
        ("我们村的老祠堂", "老祠堂"),
        ("垃圾站", None),
        ("我叫林路生", None),
        ("妈妈在厂", None),
        ("12号坏的", None),
    ],
)
def test_an_answer_without_a_village(said: str, address: str | None) -> None:
    assert facts.gather(normalize(said).text).address == address


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("黄泥墩", True),
        ("大榕树那里", True),
        ("就在菜市场那里", True),
        ("就东莞市", False),
        ("妈妈在厂", False),
        ("不是想不开 就是烦", False),
        ("我也说不清", False),
        ("你们自己查", False),
        ("烦死了", False),
        ("叫林路生", False),
        ("13712340114", False),
    ],
)
def test_whether_a_whole_answer_may_be_a_place(said: str, place: bool) -> None:
    assert facts.gather(normalize(said).text).answers_where is place
