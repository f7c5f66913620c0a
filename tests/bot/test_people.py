"""Names, whom it is for, groups, short replies and danger."""

from __future__ import annotations

import pytest

from bot.nlu import alerts, behalf, groups, persons, replies


class TestNames:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("我叫宋小梅，想报个修", "宋小梅", id="introduced"),
            pytest.param("我姓童，儿童的童，童建军", "童建军", id="spelt"),
            pytest.param("何…哦不，我姓贺，贺年的贺，贺永强", "贺永强", id="corrected"),
            pytest.param("雷，雷国富", "雷国富", id="answer"),
            pytest.param("宋小梅 13800007788", "宋小梅", id="beside-the-number"),
            pytest.param("梁女士13800007788", "梁女士", id="form-of-address"),
            pytest.param("宋小梅，我是她邻居", "宋小梅", id="bare"),
            pytest.param("叫我老梁", "老梁", id="nickname"),
            pytest.param("查良镛", "查良镛", id="surname-that-is-a-verb"),
        ],
    )
    def test_the_caller_s(self, text: str, expected: str) -> None:
        found = persons.principal(persons.extract(text))
        assert found is not None
        assert found.value == expected
        assert text[found.start : found.end] == expected

    @pytest.mark.parametrize(
        "text",
        [
            "是的",
            "查进度",
            "查询",
            "不清楚",
            "东城光明",
            "我是高三学生",
            "路灯坏了",
            "方便的话打我",
            "她叫宋小梅，八十了",
            "黄伯脚肿",
        ],
    )
    def test_none(self, text: str) -> None:
        assert persons.principal(persons.extract(text)) is None


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("想帮隔壁的何婆婆申请护理床", True),
        ("我是网格员，替村里老人报的，想要个轮椅", True),
        ("我爸瘫痪了，想申请护理", False),
        ("村口路灯坏了", False),
        ("我想给村里修路", False),
        ("帮我们村装两盏路灯", False),
        ("给村里的阿婆申请一张轮椅", True),
    ],
)
def test_on_behalf(text: str, other: bool) -> None:
    assert behalf.on_behalf(text) is other


def test_person_in_the_text_s_words() -> None:
    assert behalf.person("隔壁成伯，七十六岁，独居，要张轮椅") == "隔壁成伯，七十六岁，独居"
    assert behalf.person("村口没灯") is None


def test_groups() -> None:
    assert groups.extract("低保户，老伴中风，孙子留守在家") == [
        "child",
        "low_income",
        "severe_illness",
        "left_behind_child",
    ]


class TestReplies:
    @pytest.mark.parametrize(
        "text",
        [
            "是",
            "对对对",
            "嗯嗯",
            "好的好的",
            "冇错",
            "啱，就系",
            "无误",
            "可以的",
            "没问题！",
            "OK",
        ],
    )
    def test_yes(self, text: str) -> None:
        assert replies.read(text).polarity == "yes"

    @pytest.mark.parametrize("text", ["不是", "唔系", "没有了", "算了", "冇啦", "不用了谢谢"])
    def test_no(self, text: str) -> None:
        assert replies.read(text).polarity == "no"

    @pytest.mark.parametrize(
        "text", ["不是塘厦是清溪", "对面没灯", "好黑啊那条路", "不清楚", "是不是要排队"]
    )
    def test_neither(self, text: str) -> None:
        assert replies.read(text).polarity is None

    @pytest.mark.parametrize(
        ("text", "choice"), [("1", 1), ("二", 2), ("第一个", 1), ("选3", 3), ("12巷", None)]
    )
    def test_choice(self, text: str, choice: int | None) -> None:
        assert replies.read(text).choice == choice

    @pytest.mark.parametrize(
        ("text", "last4"),
        [("尾号3344", "3344"), ("3344", "3344"), ("后四位是三三四四", "3344"), ("2026年", None)],
    )
    def test_last_four(self, text: str, last4: str | None) -> None:
        assert replies.read(text).last4 == last4


class TestAlerts:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("隔壁厂房着火了，浓烟滚滚", "fire"),
            ("出租屋好大煤气味，头好晕", "fire"),
            ("有人拿刀追我，快来", "crime"),
            ("我真的不想活了", "self_harm"),
            ("遗书写好了，拜托照顾我妈", "self_harm"),
            ("阿婆晕倒了，叫不醒", "medical"),
            ("有个小孩掉进鱼塘了怎么办", "medical"),
        ],
    )
    def test_danger(self, text: str, kind: str) -> None:
        assert [alert.kind for alert in alerts.extract(text)] == [kind]

    @pytest.mark.parametrize(
        "text",
        [
            "气死我了，路灯又坏",
            "热得要死，想装风扇",
            "上个月着火后墙都黑了",
            "万一着火消防车进不来",
            "怕老人晕倒没人知道",
            "能不能搞个消防演练",
            "这条路容易引起火灾",
            "去年跳楼的事之后大家都怕",
            "药费是救命钱",
            "有没有防溺水的课",
            "楼上天天吵架，烦死了",
        ],
    )
    def test_no_danger(self, text: str) -> None:
        assert alerts.extract(text) == []
