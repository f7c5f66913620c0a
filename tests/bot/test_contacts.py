"""Whose number and whose name it is, in the many ways people put it."""

from __future__ import annotations

import pytest

from bot.nlu import behalf, facts
from bot.nlu.normalization import normalize


def gathered(text: str) -> facts.Facts:
    return facts.gather(normalize(text).text)


def caller(text: str) -> str | None:
    own = [name.value for name in gathered(text).names if name.of == "caller"]
    return own[-1] if own else None


class TestNumbers:
    @pytest.mark.parametrize(
        "signed",
        [
            "路边垃圾堆了好几天，李小姐13712340114",
            "李小姐电话13712340114",
            "欧阳小姐：137 1234 0114",
            "我是王姐，13712340114",
            "张阿姨，手机号是13712340114",
            "请联系李女士13712340114",
            "陈师傅 13712340114",
            "我是陈社工，电话13712340114",
        ],
    )
    def test_a_form_of_address_signs_the_number(self, signed: str) -> None:
        assert gathered(signed).contact_phone() == "13712340114"

    @pytest.mark.parametrize(
        "text",
        [
            "我姐姐的电话13712340114",
            "房东李小姐的电话是13712340114",
            "我老婆李小姐电话13712340114",
            "物业李经理13712340114",
        ],
    )
    def test_another_s_stays_another_s(self, text: str) -> None:
        assert gathered(text).contact_phone() is None

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("电话13712340114或者13812340115，打第二个", "13812340115"),
            ("电话13712340114或者13812340115，打第一个", "13712340114"),
            ("13712340114、13812340115，后面那个打得通", "13812340115"),
            ("13712340114/13812340115 第一个为准", "13712340114"),
            ("我的13712340114，我老婆的13812340115", "13712340114"),
            ("我老婆的13812340115，我的13712340114", "13712340114"),
            ("座机0769-22334455转801，手机13712340114", "13712340114"),
            ("0769-22334455-801 或 13712340114", "13712340114"),
            ("0769-22334455 13712340114", "13712340114"),
            ("我的座机0769-22334455，我的手机13712340114", "13712340114"),
            ("我手机13712340114打不通，打我座机0769-22334455", "0769-22334455"),
            ("座机22334455分机12", "0769-22334455"),
        ],
    )
    def test_the_one_to_ring(self, text: str, number: str) -> None:
        assert gathered(text).contact_phone() == number

    @pytest.mark.parametrize("extension", ["转801", "-801", " 分机801", "（转801）"])
    def test_an_extension_belongs_to_its_landline(self, extension: str) -> None:
        text = f"座机0769-22334455{extension}"
        [phone] = gathered(text).phones
        assert (phone.value, phone.end) == ("0769-22334455", len(text))

    @pytest.mark.parametrize(
        "text", ["13712340114，谢谢", "13712340114 谢谢啦", "13712340114或者13812340115都行"]
    )
    def test_courtesy_beside_a_number_is_no_name(self, text: str) -> None:
        assert gathered(text).names == ()


class TestNames:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("帮隔壁阿婆报的，阿婆姓麦，我姓陈", "陈"),
            ("帮隔壁阿婆报的，阿婆姓麦", None),
            ("楼上住户姓麦，电话不知道", None),
            ("我老公姓陈", None),
            ("您好，姓陈", "陈"),
            ("我姓陈，陈国强", "陈国强"),
            ("我叫何时了", "何时了"),
            ("我的名字叫高来去，电话13712340114", "高来去"),
            ("我叫不醒他", None),
            ("我叫林路生，住在那边", "林路生"),
            ("联系李女士13712340114", "李女士"),
            ("联系人李女士，13712340114", "李女士"),
            ("有事找陈先生", "陈先生"),
            ("我联系了李女士，她不管", None),
            ("我是李小姐", "李小姐"),
            ("我是陈社工，替村里老人报", "陈社工"),
            ("陈社工", "陈社工"),
            ("我是社工站的陈社工", "陈社工"),
            ("我是村委的陈主任", "陈主任"),
            ("我是网格员小陈", "小陈"),
            ("我是小李", "小李"),
            ("叫我小李就行", "小李"),
            ("我是阿强，想问下", "阿强"),
            ("我是阿婆", None),
            ("我是老师", None),
            ("我是小区的业主", None),
            ("名字错了不是林路生是林璐生", "林璐生"),
            ("不是林路生，是林璐生", "林璐生"),
            ("名字打错了，林璐生", "林璐生"),
            ("我叫林璐生，不叫林路生", "林璐生"),
            ("不是路灯是路面", None),
            ("不是黄江，是常平", None),
        ],
    )
    def test_the_caller_s(self, text: str, name: str | None) -> None:
        assert caller(text) == name


def test_a_form_of_address_is_no_relative() -> None:
    assert behalf.person("李小姐13712340114") is None
    assert behalf.person("我姐姐病了") == "姐姐"
