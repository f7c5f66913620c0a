"""Sums of money: 三千块, 两万多, 1.5万, 一年一万五, 3000元."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.nlu.numerals import NUMBER, parse_number
from bot.nlu.spans import Span, clause_around


@dataclass(frozen=True)
class Amount:
    """A sum in yuan (the lower bound when vague) and where it stands."""

    amount_cny: int
    start: int
    end: int


_CURRENCY = r"(?:人民币|元整|元钱|块钱|元|圆|块|蚊|rmb|RMB)"
_MONEY = re.compile(
    rf"(?P<sign>[¥￥]\s?)?(?P<number>{NUMBER})(?:[多来几余把])?\s?(?P<unit>{_CURRENCY})?"
)
_CONTEXT = re.compile(
    r"费|花|欠|钱|交|押金|工资|薪|预算|造价|差|缺|借|报价|赔|补|贷|债|收入|报销|救助|捐|筹|押|罚|"
    r"贵|价|便宜|元|块|存款|积蓄|低保|退|款|药|手术|学杂|租|房贷|利息|集资|定金|首付|分红"
)
_NOT_MONEY_AFTER = re.compile(
    r"\s?(?:平|亩|斤|吨|米|公里|里|人|户|个|名|位|口|字|步|次|多人|多户|年|天|月|号|栋|层|楼|岁|度|瓦|株|棵|"
    r"辆|家|分|伏|升|立方|科|江|事|一|物|份|元公寓|象|里)"
)
# 一块地, 塌了一块, 那一块: a piece, not a yuan.
_PIECE_AFTER = re.compile(
    r"(?:地|空|石|砖|板|牌|布|钱包|儿|草|菜|田|玻璃|木|铁|水泥|路|区|墙|皮|瓷|肉|去|来|住|走|玩)"
)


def extract(text: str) -> list[Amount]:
    """The sums of money in `text`, left to right."""
    found: list[Amount] = []
    for match in _MONEY.finditer(text):
        amount = _read(text, match)
        if amount is not None:
            found.append(amount)
    return found


def _read(text: str, match: re.Match[str]) -> Amount | None:
    value = parse_number(match["number"])
    if value is None or value < 1 or value > 1_000_000_000:
        return None
    if not (match["unit"] or match["sign"] or _bare_sum(text, match)):
        return None
    if text[match.start() - 1 : match.start()] in ("几", "数"):
        return None
    if match["unit"] == "块" and _is_piece(text, match, value):
        return None
    if match["unit"] == "元" and text[match.end() : match.end() + 1] in (
        "旦",
        "宵",
        "素",
        "老",
        "美",
        "江",
    ):
        return None
    return Amount(round(value), match.start(), match.end())


def _bare_sum(text: str, match: re.Match[str]) -> bool:
    """A number of ten thousands or thousands with talk of money in its clause."""
    number = match["number"]
    if not re.search(r"[万wWkK]|[一二两三四五六七八九][千百]", number) or text[
        match.start() - 1 : match.start()
    ] in ("第", "十"):
        return False
    if _NOT_MONEY_AFTER.match(text, match.end()):
        return False
    clause = clause_around(text, Span(match.start(), match.end()))
    around = text[max(clause.start, match.start() - 20) : min(clause.end, match.end() + 8)]
    whole = text.strip("。，.！吧左右多大概约要 ") == match.group().strip()
    return bool(_CONTEXT.search(around)) or whole


def _is_piece(text: str, match: re.Match[str], value: float) -> bool:
    if value > 3:
        return False
    return bool(_PIECE_AFTER.match(text, match.end())) or value == 1
