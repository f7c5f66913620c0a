"""Places: what names mean, in whose words, and what they do not mean."""

from __future__ import annotations

import pytest

from bot.nlu import facts, gazetteer, places
from bot.nlu.normalization import normalize

GAZETTEER = gazetteer.load()
# Committees proper: 生活区 and virtual communities bear their town's name.
VILLAGES = [v for v in GAZETTEER.villages.values() if int(v.code[-3:]) < 400]


def principal(text: str) -> places.Place | None:
    return places.principal(facts.gather(normalize(text).text).places)


def code(path: str) -> str:
    """长安/上沙 → the village's code."""
    town, name = path.split("/")
    codes = GAZETTEER.village_names[name]
    return next(c for c in codes if c.startswith(GAZETTEER.town_names[town]))


class TestVillages:
    @pytest.mark.parametrize(
        "shape",
        ["{town}{name}", "你好，我们{town}{name}这边的路烂了", "不是深圳的，是{town}{name}"],
    )
    def test_every_village_behind_its_town(self, shape: str) -> None:
        missed = []
        for village in VILLAGES:
            text = shape.format(town=GAZETTEER.towns[village.town].name, name=village.name)
            found = principal(text)
            if (
                found is None
                or found.village is None
                or found.town != village.town
                or GAZETTEER.villages[found.village].name != village.name
            ):
                missed.append(text)
        assert missed == []

    def test_every_village_with_its_office_word(self) -> None:
        missed = []
        for village in VILLAGES:
            found = principal(village.name + ("村" if village.rural else "社区"))
            codes = {found.village, *found.candidates} if found else set()
            if village.code not in codes and not codes & set(GAZETTEER.village_names[village.name]):
                missed.append(village.name)
        assert missed == []

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("雁田水库那条路没灯", "凤岗/雁田", id="implies-its-town"),
            pytest.param("寮步石不有人乱倒垃圾", "寮步/石步", id="sounds-like"),
            pytest.param("望牛敦芙容沙的桥烂了", "望牛墩/芙蓉沙", id="town-and-village-misspelt"),
            pytest.param("道滘大鱼杀", "道滘/大鱼沙", id="bare-and-misspelt"),
            pytest.param("望牛墩横沥", "望牛墩/横沥", id="named-like-another-town"),
            pytest.param("厚街桥头村委", "厚街/桥头", id="named-like-a-town-and-an-ordinary-word"),
            pytest.param("虎门镇口", "虎门/镇口", id="begins-like-an-office-word"),
            pytest.param("我住光明，在东城那边", "东城/光明", id="ordinary-word-as-dwelling"),
            pytest.param("我哋麻涌漳澎嘅細路", "麻涌/漳澎", id="cantonese-traditional"),
        ],
    )
    def test_village(self, text: str, expected: str) -> None:
        found = principal(text)
        assert found is not None
        assert found.village == code(expected)

    def test_a_name_in_two_towns_is_left_open(self) -> None:
        found = principal("塘角那边")
        assert found is not None
        assert (found.town, found.village) == (None, None)
        assert set(found.candidates) == {code("茶山/塘角"), code("常平/塘角")}

    def test_a_kind_of_village_is_left_open(self) -> None:
        found = principal("新村")
        assert found is not None
        assert {code("万江/新村"), code("东城/花园新村")} <= set(found.candidates)
        named = principal("万江新村")
        assert named is not None
        assert named.village == code("万江/新村")

    def test_a_typing_error_confessed_denies_nothing(self) -> None:
        found = principal("茶山镇南社村 打错字")
        assert found is not None
        assert found.village == code("茶山/南社")

    def test_the_town_named_more_often_is_meant(self) -> None:
        found = principal("惠州，常平，大朗都看过病，大朗不盖章，大朗的窗口又说没收到")
        assert found is not None
        assert found.town == GAZETTEER.town_names["大朗"]

    def test_a_town_near_by_decides_between_two(self) -> None:
        found = principal("塘角那边，常平的")
        assert found is not None
        assert found.village == code("常平/塘角")


class TestTowns:
    @pytest.mark.parametrize(
        ("text", "town"),
        [
            pytest.param("附城住了几十年", "东城", id="old-name"),
            pytest.param("松湖那边", "松山湖", id="short-name"),
            pytest.param("滨海湾新区规划", "滨海湾", id="new-area"),
            pytest.param("高步镇卫生站", "高埗", id="common-misspelling"),
        ],
    )
    def test_town(self, text: str, town: str) -> None:
        found = principal(text)
        assert found is not None
        assert found.town == GAZETTEER.town_names[town]


class TestNoPlace:
    @pytest.mark.parametrize(
        "text",
        [
            "深圳龙华白石龙",
            "惠州大亚湾新联",
            "湖南长沙新塘",
            "住在城中村",
            "村头巷尾都在传",
            "前途一片光明",
            "三星手机坏了",
            "路上沙尘滚滚",
            "我家长安全意识差",
            "大学生创业补贴",
            "买了几斤沙田柚",
            "心情平静了不少",
            "东方不亮西方亮",
            "",
        ],
    )
    def test_nothing(self, text: str) -> None:
        found = principal(text)
        assert found is None or (found.town, found.village, found.candidates) == (None, None, ())


class TestRoles:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("不是塘厦，是清溪三中", "清溪/三中", id="denied"),
            pytest.param("以前住虎门，现在住大朗巷头", "大朗/巷头", id="lived-before"),
            pytest.param("在寮步打了八年工，回茶山南社住", "茶山/南社", id="worked-there"),
            pytest.param("从常平搬来，现住横沥半仙山", "横沥/半仙山", id="moved"),
            pytest.param("新塘，厚街的，不是大岭山那个", "厚街/新塘", id="the-other-one-denied"),
        ],
    )
    def test_where_the_matter_is(self, text: str, expected: str) -> None:
        found = principal(text)
        assert found is not None
        assert found.village == code(expected)

    def test_roles_are_told(self) -> None:
        roles = {p.text: p.role for p in places.extract("老家湖南，不是长安，是厚街汀山")}
        assert roles == {"湖南": "other_city", "长安": "negated", "厚街汀山": "request"}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("石碣唐洪中和路八号门口积水", "中和路八号门口", id="road-and-number"),
        pytest.param("茶山南社祠堂对面没灯", "祠堂对面", id="landmark"),
        pytest.param("企石铁岗路灯坏了", None, id="no-detail"),
    ],
)
def test_address(text: str, address: str | None) -> None:
    found = principal(text)
    assert found is not None
    assert found.address == address


@pytest.mark.parametrize("sent", ["我哋喺　東坑　丁屋呢度", "１. 石碣镇唐洪村", "😀万江曲海😀路灯"])
def test_offsets_are_those_of_the_text_as_sent(sent: str) -> None:
    normalized = normalize(sent)
    told = facts.as_dict(facts.gather(normalized.text), normalized)
    assert told["places"]
    for place in told["places"]:
        assert normalize(sent[place["start"] : place["end"]]).text == place["text"]
