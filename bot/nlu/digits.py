"""Runs of digits as typed and as spoken (幺三八零零…), each digit with its offset."""

from __future__ import annotations

import re
from dataclasses import dataclass

# 幺 and its look-alikes of speech recognition, 洞/拐/勾 of soldiers and drivers.
SPOKEN = {
    "零": "0", "〇": "0", "洞": "0", "○": "0", "幺": "1", "么": "1", "妖": "1", "吆": "1", "腰": "1", "一": "1",
    "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "拐": "7", "八": "8", "九": "9",
    "勾": "9",
}  # fmt: skip
_DIGIT = rf"[0-9{''.join(SPOKEN)}]"
_RUN = re.compile(rf"{_DIGIT}(?:[ \-—–_.·]{{0,2}}{_DIGIT})*")
_SLOW = re.compile(rf"{_DIGIT}(?:[ \-—–_.·，、,。…]{{0,2}}(?:嗯|呃|额|啊)?[ ，,]?{_DIGIT})*")
_EACH = re.compile(_DIGIT)


@dataclass(frozen=True)
class Run:
    """Digits said one by one. `offsets[i]` is where `digits[i]` stands; separators are dropped."""

    digits: str
    offsets: tuple[int, ...]

    @property
    def start(self) -> int:
        return self.offsets[0]

    @property
    def end(self) -> int:
        return self.offsets[-1] + 1

    def part(self, start: int, end: int) -> Run:
        return Run(self.digits[start:end], self.offsets[start:end])


def runs(text: str, at_least: int, *, slow: bool = False) -> list[Run]:
    """Runs of `at_least` digits; `slow` also bridges commas and hesitation between the groups."""
    found = []
    for match in (_SLOW if slow else _RUN).finditer(text):
        characters = [
            (SPOKEN.get(each.group(), each.group()), match.start() + each.start())
            for each in _EACH.finditer(match.group())
        ]
        if len(characters) >= at_least:
            digits, offsets = zip(*characters, strict=True)
            found.append(Run("".join(digits), offsets))
    return found
