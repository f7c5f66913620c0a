"""What may not stand in words for the public: people, how to reach them, where they live. Pure.

Clause: “在确保公民个人隐私不受侵害的前提下”. It finds what has a shape, and what the case itself
knows of its people; staff read the rest before they publish.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from backend.cases.rules import WISH
from backend.core.privacy import mask_text

_SURNAMES = Path(__file__).parents[2] / "data" / "lexicon" / "surnames.txt"
_FORMAL = "女士|先生|小姐"
_FAMILIAR = "太太|阿姨|阿婆|婆婆|奶奶|爷爷|老师(?!傅)|同学|师傅|伯|叔"
_REACHABLE = re.compile(r"[\w.+-]+@[\w-]+\.\w+|(?:微信|QQ|qq)号?\s*[:：是]?\s*[A-Za-z0-9_-]{5,}")
_DOOR = re.compile(
    r"(?<![月0-9０-９])[0-9０-９一二三四五六七八九十百]+\s*(?:号(?!线)|栋|幢|座|单元|室|号房|房|巷|弄)"
)
_SAID_ALIKE = 12
"""So many characters in a row that the citizen wrote, too, were copied."""
NUMBER, NAME, DOOR, COPIED = (
    "不能写电话、证件号、银行卡号、微信号或邮箱",
    "不能写出姓名或称呼，用“这位老人”“一户家庭”这样的说法",
    "不能写门牌、楼栋和房号，写到镇街就够",
    "请用自己的话写，不要照抄提出者的原话",
)


def faults(
    category: str,
    written: Mapping[str, str],
    contact: Mapping[str, str | None],
    *,
    said: str,
    address: str | None,
) -> dict[str, str]:
    """Why words cannot be published, by their code.

    ``contact`` is the case's own, in the clear; ``said`` is what the citizen wrote.
    """
    found = {}
    for code, text in written.items():
        fault = next(_faults(category, text, contact, said, address), None)
        if fault:
            found[code] = fault
    return found


def _faults(
    category: str, text: str, contact: Mapping[str, str | None], said: str, address: str | None
) -> Iterator[str]:
    if mask_text(text).count("*") > text.count("*") or _REACHABLE.search(text):
        yield NUMBER
    if _names(text, contact):
        yield NAME
    if category != WISH:
        return
    if _DOOR.search(text) or (address and len(address) > 2 and address in text):
        yield DOOR
    if _is_copied(text, said):
        yield COPIED


def _names(text: str, contact: Mapping[str, str | None]) -> bool:
    known = (contact.get(key) or "" for key in ("name", "person"))
    return any(len(name) > 1 and name in text for name in known) or bool(_called().search(text))


@lru_cache(maxsize=1)
def _called() -> re.Pattern[str]:
    """A surname before a form of address: 陈女士, 李建国先生."""
    lines = _SURNAMES.read_text(encoding="utf-8").splitlines()
    names = {name for line in lines if not line.startswith("#") for name in line.split()}
    compound = "|".join(sorted(name for name in names if len(name) > 1))
    single = "".join(sorted(name for name in names if len(name) == 1))
    surname = f"(?:{compound}|[{single}])"
    return re.compile(rf"{surname}(?:[\u4e00-\u9fff]{{0,2}}(?:{_FORMAL})|(?:{_FAMILIAR}))")


def _is_copied(text: str, said: str) -> bool:
    plain, heard = _letters(text), _letters(said)
    runs = range(len(plain) - _SAID_ALIKE + 1)
    return any(plain[start : start + _SAID_ALIKE] in heard for start in runs)


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text)
