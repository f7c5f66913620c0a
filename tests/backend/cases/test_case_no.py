"""Case numbers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cases.case_no import PREFIXES, check_digit, new_case_no, parse_case_no
from backend.cases.errors import CaseNoInvalidError

GOOD = "WSS26112100016"


@pytest.mark.parametrize(
    ("digits", "check"),
    [("2611210001", 6), ("0000000000", 0), ("7992739871", 3), ("2611030001", 4)],
)
def test_check_digit_is_luhn(digits: str, check: int) -> None:
    assert check_digit(digits) == check


@pytest.mark.parametrize(
    "said",
    [
        GOOD,
        GOOD.lower(),
        "ＷＳＳ２６１１２１０００１６",
        " WSS 261121 0001 6 ",
        "WSS-261121-0001-6",
        "wss26112100016\n",
    ],
)
def test_look_ups_accept_how_people_write(said: str) -> None:
    assert parse_case_no(said) == GOOD


@pytest.mark.parametrize(
    "said", ["", "WSS", "WSS26112100017", "ABC26112100016", "26112100016", GOOD + "0", "\x00" * 80]
)
def test_anything_else_is_told_at_once(said: str) -> None:
    with pytest.raises(CaseNoInvalidError):
        parse_case_no(said)


@given(st.text())
def test_never_fails_otherwise(text: str) -> None:
    try:
        parse_case_no(text)
    except CaseNoInvalidError:
        return


@given(st.sampled_from(sorted(PREFIXES)), st.dates(date(2020, 1, 1), date(2099, 12, 31)))
def test_new_numbers_are_valid_and_carry_the_day(category: str, day: date) -> None:
    number = new_case_no(category, day)
    assert parse_case_no(number) == number
    assert number.startswith(f"{PREFIXES[category]}{day:%y%m%d}")


@given(st.integers(0, 9), st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(serial: int, place: int, shift: int) -> None:
    body = f"261121000{serial}"
    digits = f"{body}{check_digit(body)}"
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    with pytest.raises(CaseNoInvalidError):
        parse_case_no(f"WSS{wrong}")


def test_numbers_do_not_count() -> None:
    serials = [int(new_case_no("weishishi", date(2026, 11, 21))[9:13]) for _ in range(50)]
    assert serials != sorted(serials)
