"""Phones, sensitive numbers, sums, counts and case numbers."""

from __future__ import annotations

import pytest

from bot.nlu import amounts, case_numbers, counts, phones, sensitive
from bot.nlu.normalization import normalize
from bot.nlu.numerals import parse_number


class TestNumerals:
    @pytest.mark.parametrize(
        ("text", "value"),
        [("三万五", 35000), ("一百二", 120), ("1.5万", 15000), ("两万多", 20000), ("十几", 10), ("七八十", 70),
         ("二零二六", 2026), ("1百20万", 1200000), ("三千零五", 3005), ("12,000", 12000), ("5w", 50000)],
    )  # fmt: skip
    def test_value(self, text: str, value: float) -> None:
        assert parse_number(text) == value

    @pytest.mark.parametrize("text", ["", "好多", "半"])
    def test_no_number(self, text: str) -> None:
        assert parse_number(text) is None


def own_numbers(text: str) -> list[str]:
    found = phones.extract(normalize(text).text)
    return [phone.value for phone in found if phone.of == "caller" and phone.valid]


class TestPhones:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("电话幺三七零零零零五五六六", ["13700005566"], id="spoken"),
            pytest.param("138 0000 7788", ["13800007788"], id="spaces"),
            pytest.param("+86-138-0000-7788", ["13800007788"], id="country-code"),
            pytest.param("１３８００００７７８８", ["13800007788"], id="full-width"),
            pytest.param("幺三八，零零零零，七七八八", ["13800007788"], id="slow"),
            pytest.param("座机0769-22801234", ["0769-22801234"], id="landline"),
            pytest.param("家里电话22801234", ["0769-22801234"], id="landline-without-area"),
            pytest.param("打错了，不是13800007788，是13800007799", ["13800007799"], id="corrected"),
            pytest.param("13800007788，不对，后面是七七九九", ["13800007799"], id="tail-corrected"),
            pytest.param(
                "物业的电话13900001111没人接，我的是13800007788", ["13800007788"], id="two"
            ),
            pytest.param(
                "别打13900001111，打13800007788，这个是我的", ["13800007788"], id="not-that-one"
            ),
            pytest.param("工单20261121000123", [], id="another-number"),
            pytest.param("花了13800元", [], id="money"),
            pytest.param("老板电话13900001111", [], id="only-another's"),
        ],
    )
    def test_the_caller_s(self, text: str, expected: list[str]) -> None:
        assert own_numbers(text) == expected

    @pytest.mark.parametrize("text", ["1380000778", "电话138000077889"])
    def test_a_slip_is_told(self, text: str) -> None:
        (phone,) = phones.extract(text)
        assert (phone.kind, phone.valid) == ("partial", False)

    def test_offsets_hold_the_number(self) -> None:
        text = "我叫阿明，电话138-0000-7788，谢谢"
        (phone,) = phones.extract(text)
        assert text[phone.start : phone.end] == "138-0000-7788"


class TestSensitive:
    @pytest.mark.parametrize(
        ("text", "kind", "checked"),
        [
            pytest.param("身份证11010519491231002X", "id_card", True, id="right-check"),
            pytest.param("身份证号110105194912310021", "id_card", False, id="wrong-check"),
            pytest.param("证号四四一九零零一九七零零一零一零零一二", "id_card", False, id="spoken"),
            pytest.param("卡号6222 0212 3456 7890 123", "bank_card", False, id="card-by-context"),
            pytest.param("4111111111111111", "bank_card", True, id="luhn"),
        ],
    )
    def test_found(self, text: str, kind: str, checked: bool) -> None:
        (item,) = sensitive.extract(text)
        assert (item.kind, item.checked) == (kind, checked)

    @pytest.mark.parametrize("text", ["13800007788", "订单号20261121000123", "路灯坏了"])
    def test_nothing(self, text: str) -> None:
        assert sensitive.extract(text) == []

    def test_an_identity_number_is_no_phone(self) -> None:
        assert phones.extract("身份证号110105194912310021") == []


class TestAmounts:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [("押金三千块", [3000]), ("欠我两万多", [20000]), ("学费一年一万五", [15000]), ("预算3万元", [30000]), ("成万蚊药费", [10000]),
         ("塌了一块", []), ("三万人", []), ("住万江", []), ("几万块", [])],
    )  # fmt: skip
    def test_sums(self, text: str, expected: list[int]) -> None:
        assert [amount.amount_cny for amount in amounts.extract(text)] == expected


class TestCounts:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [("两百来户", [(200, "household")]), ("全村一千多人", [(1000, "person")]), ("独居的有十几户", [(10, "household")]),
         ("一层八个人，一栋六十个，四栋", [(8, "person"), (240, "person")]), ("摔了三个人", []), ("几十户", []), ("第三户", [])],
    )  # fmt: skip
    def test_counts(self, text: str, expected: list[tuple[int, str]]) -> None:
        assert [(count.value, count.unit) for count in counts.extract(text)] == expected


class TestCaseNumbers:
    @pytest.mark.parametrize(
        "text", ["WSS26112100014", "wss 261121-0001 4", "单号：WSS26112100014到哪了"]
    )
    def test_found_and_checked(self, text: str) -> None:
        (found,) = case_numbers.extract(text)
        assert found.value == "WSS26112100014"
        assert found.valid is case_numbers.is_valid("WSS26112100014")

    def test_a_wrong_check_digit_is_told(self) -> None:
        values = [f"WXY2611210001{digit}" for digit in range(10)]
        assert sum(case_numbers.is_valid(value) for value in values) == 1

    def test_an_impossible_date_is_wrong(self) -> None:
        assert not any(case_numbers.is_valid(f"WSS2613990001{digit}") for digit in range(10))
