"""How many people or households: 两百来户, 全村一千多人, 十几个老人, 一栋六十个四栋."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.nlu.numerals import NUMBER, parse_number

Unit = Literal["household", "person"]


@dataclass(frozen=True)
class Count:
    """A number of households or persons (the lower bound when vague) and where it stands."""

    value: int
    unit: Unit
    start: int
    end: int


_PEOPLE = (
    r"(?:人(?!工|民|行|家|口|均|大代表|次|事|心|为|生病|员工资|民币|才)|口人|口|老人|老年人|长者|长辈|孤寡|小孩|孩子|娃|小朋友|"
    r"学生|居民|村民|街坊|员工|工人|工友|租客|业主|残疾人|残障|独居|妇女|儿童|少年|青年|后生|家长|老乡|劳力|细路|"
    r"老伯|阿婆|阿伯|打工的|打工仔|外来工|务工|低保)"
)
_COUNT = re.compile(
    rf"(?P<number>(?:[上成近过]?[百千万])?{NUMBER}|[上成近过][百千])(?P<vague>多|来|几|余|把)?(?:左右)?"
    rf"(?:(?P<household>户|(?:个|家)?(?:家庭|人家|住户)|家人家)|(?:个|名|位)?(?:多)?(?P<person>{_PEOPLE})|(?P<classifier>名|位))"
)
# Numbers of hurt people, of family members, ages and staff are not who benefits.
_VICTIMS_BEFORE = re.compile(
    r"(?:摔|撞|伤|死|淹|咬|砸|压|电|骗|炒|裁|开除|抓|抓了|招|请|派|来)(?:了|到|死|伤|倒|着|过)*(?:有|好|差不多|起码|至少)*$"
)
# 第三户, 3号楼, and numbers without a lower bound (几十户, 数百人).
_ORDINAL_BEFORE = re.compile(r"[第楼栋号区几数]$")
_MULTIPLIED = re.compile(
    rf"(?:一|每)(?P<outer>栋|层|排|家|户|间|个月台)(?:楼|住)?(?:有|住|大概|差不多)?(?P<each>{NUMBER})(?:个|户|人|家)?[人]?[，, ]{{0,2}}"
    rf"(?:一共|总共|共|有)?(?P<times>{NUMBER})(?P=outer)"
)


def extract(text: str) -> list[Count]:
    """The counts of people and households in `text`, left to right."""
    found = [count for match in _COUNT.finditer(text) if (count := _read(text, match))]
    return sorted([*found, *_products(text)], key=lambda count: count.start)


def _read(text: str, match: re.Match[str]) -> Count | None:
    value = parse_number(match["number"].lstrip("上成近过") or "")
    if value is None or value < 1 or value > 2_000_000 or value != int(value):
        return None
    before = text[max(0, match.start() - 8) : match.start()]
    if _VICTIMS_BEFORE.search(before) or _ORDINAL_BEFORE.search(before):
        return None
    unit: Unit = "household" if match["household"] else "person"
    return Count(int(value), unit, match.start(), match.end())


def _products(text: str) -> list[Count]:
    """一栋六十个，四栋 → 240 persons."""
    found = []
    for match in _MULTIPLIED.finditer(text):
        each, times = parse_number(match["each"]), parse_number(match["times"])
        if each and times and each * times <= 2_000_000:
            found.append(Count(int(each * times), "person", match.start(), match.end()))
    return found
