"""Identity-card and bank-card numbers: found so that they never reach a description."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.nlu.digits import Run, runs

Kind = Literal["id_card", "bank_card", "phone"]

_ID_CONTEXT = re.compile(r"身份证|证件号|身分证|证号|身份号|公民号码")
_BANK_CONTEXT = re.compile(
    r"卡号|银行卡|账号|帐号|账户|帐户|储蓄卡|存折|工资卡|户头|打到.{0,6}卡|农商行|农信|建行|工行|农行|邮储"
)
_ID_SHAPE = re.compile(
    r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]"
)
_OLD_ID_SHAPE = re.compile(r"[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}")
_CHECK_X = re.compile(r"[ \-]?(?:[xX×]|叉|艾克斯)")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CONTEXT_REACH = 24


@dataclass(frozen=True)
class Sensitive:
    """A number that must not be shown. `checked`: its check digit is right."""

    kind: Kind
    start: int
    end: int
    checked: bool


def id_check_ok(number: str) -> bool:
    """GB 11643 check of an 18-character identity number."""
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number[:17], strict=True))
    return "10X98765432"[total % 11] == number[17]


def luhn_ok(number: str) -> bool:
    """Luhn check over all digits of `number`."""
    total = 0
    for index, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def extract(text: str) -> list[Sensitive]:
    """Identity cards and bank cards in `text`, left to right, spoken digits included."""
    found: list[Sensitive] = []
    for run in [*runs(text, 14), *runs(text, 14, slow=True)]:
        item = _classify(text, run)
        if item is not None and all(item.end <= f.start or f.end <= item.start for f in found):
            found.append(item)
    return sorted(found, key=lambda item: item.start)


def _classify(text: str, run: Run) -> Sensitive | None:
    before = text[max(0, run.start - _CONTEXT_REACH) : run.start]
    digits, end = run.digits, run.end
    letter = _CHECK_X.match(text, end)
    if len(digits) == 17 and letter:
        digits, end = digits + "X", letter.end()
    if _ID_SHAPE.fullmatch(digits):
        return Sensitive("id_card", run.start, end, id_check_ok(digits))
    card = 16 <= len(run.digits) <= 19 and luhn_ok(run.digits) and run.digits[0] in "3456"
    id_context, bank_context = _last(_ID_CONTEXT, before), _last(_BANK_CONTEXT, before)
    if id_context > bank_context and 14 <= len(digits) <= 20:
        return Sensitive("id_card", run.start, end, bool(_OLD_ID_SHAPE.fullmatch(digits)))
    if card or (bank_context >= 0 and 14 <= len(run.digits) <= 21):
        return Sensitive("bank_card", run.start, run.end, card)
    if len(digits) in (17, 19) and _near_id(digits):
        return Sensitive("id_card", run.start, end, False)
    return None


def _last(pattern: re.Pattern[str], text: str) -> int:
    position = -1
    for match in pattern.finditer(text):
        position = match.start()
    return position


def _near_id(digits: str) -> bool:
    """An identity number with one digit too few or too many: region and birth date still fit."""
    return bool(
        re.match(r"[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d", digits)
    )
