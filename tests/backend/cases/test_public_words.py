"""在确保公民个人隐私不受侵害的前提下: which words may not become public."""

import pytest

from backend.cases.public_words import COPIED, DOOR, NAME, NUMBER, faults

SAID = "我爷爷今年八十二岁了，一个人住，腿脚不好，想要一台轮椅出去晒太阳"
CONTACT = {"name": "陈玉兰", "person": "成伯", "phone": "13800001234"}


def fault(text: str, category: str = "weixinyuan") -> str | None:
    """Why this text cannot be published."""
    found = faults(category, {"text": text}, CONTACT, said=SAID, address="三巷七号")
    return found.get("text")


class TestPeople:
    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("有意者请拨 138 0000 1234", NUMBER),
            ("联系０７６９－22223333", NUMBER),
            ("证件 441900194001011234", NUMBER),
            ("加微信 abc_12345 联系", NUMBER),
            ("写信到 a.b@example.com", NUMBER),
            ("陈玉兰想要一台轮椅", NAME),
            ("成伯想要一台轮椅", NAME),
            ("李女士家里漏雨", NAME),
            ("王建国先生腿脚不便", NAME),
            ("欧阳婆婆独居", NAME),
            ("住在中南路12号", DOOR),
            ("住在3栋502", DOOR),
            ("老人住在三巷七号", DOOR),
            ("今年八十二岁了，一个人住，腿脚不好", COPIED),
        ],
    )
    def test_are_kept_out(self, text: str, why: str) -> None:
        assert fault(text) == why

    @pytest.mark.parametrize(
        "text",
        [
            "一位独居老人腿脚不便，出门要人扶，希望有一台轮椅。",
            "一个有两名学生的家庭，今年学费差 8000 元。",
            "由于老师傅要照顾家人，希望请一位护工。",
            "需要电动护理床一张，约 12,000 元，11月10号前用得上最好。",
            "想换一张护理床，也想有志愿者每周上门陪聊两次。",
        ],
    )
    def test_what_tells_of_nobody_may_be_said(self, text: str) -> None:
        assert fault(text) is None


class TestProjects:
    def test_say_where_they_are_built(self) -> None:
        assert fault("更换中南路12号门前路灯３盏", "weishishi") is None

    def test_and_never_who_asked(self) -> None:
        assert fault("应陈玉兰要求更换路灯", "weishishi") == NAME
