"""Case numbers: WSS/WXY/ZYZ + yymmdd + 4 digits + 1 check digit, however typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.nlu.sensitive import luhn_ok

_CASE_NO = re.compile(
    r"(?<![A-Za-z])(W\s?S\s?S|W\s?X\s?Y|Z\s?Y\s?Z)((?:[ \-—–_.]{0,2}[0-9Oo]){9,13})(?![0-9])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CaseNumber:
    """`value` in canonical writing; `valid` when shape, date and check digit are right."""

    value: str
    valid: bool
    start: int
    end: int


def extract(text: str) -> list[CaseNumber]:
    """Case numbers in `text`, also in lower case, with spaces or dashes, or mistyped."""
    found = []
    for match in _CASE_NO.finditer(text):
        digits = re.sub(r"[^0-9]", "", re.sub("[Oo]", "0", match[2]))
        value = re.sub(r"\s", "", match[1]).upper() + digits
        found.append(CaseNumber(value, is_valid(value), match.start(), match.end()))
    return found


def is_valid(value: str) -> bool:
    """Whether a canonical number has a possible date and the right Luhn check digit."""
    match = re.fullmatch(r"(?:WSS|WXY|ZYZ)(\d{2})(\d{2})(\d{2})\d{5}", value)
    if match is None:
        return False
    return 1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= 31 and luhn_ok(value[3:])
