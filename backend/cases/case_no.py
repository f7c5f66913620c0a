"""Case numbers: ``WSS``/``WXY``/``ZYZ`` + yymmdd + 4 digits + 1 check digit.

The four digits are drawn at random, so a number says nothing about how many cases a day has.
"""

import re
import secrets
import unicodedata
from datetime import date

from backend.cases.errors import CaseNoInvalidError

PREFIXES = {"weishishi": "WSS", "weixinyuan": "WXY", "out_of_scope": "ZYZ"}
_SHAPE = re.compile(r"(WSS|WXY|ZYZ)(\d{10})(\d)", re.ASCII)
_NOISE = re.compile(r"[\s\-_—–.·]+")
_MAX_CHARS = 60


def check_digit(digits: str) -> int:
    """Luhn mod 10 over the digits: the last of them is doubled first."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def new_case_no(category: str, day: date) -> str:
    """A number for a case of that category filed on that (local) day; may be taken already."""
    body = f"{day:%y%m%d}{secrets.randbelow(10_000):04d}"
    return f"{PREFIXES[category]}{body}{check_digit(body)}"


def parse_case_no(raw: str) -> str:
    """The number in its one spelling, from lower case, full-width, with spaces or dashes.

    Raises:
        CaseNoInvalidError: not a case number, or its check digit is wrong.
    """
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", raw[:_MAX_CHARS])).upper()
    match = _SHAPE.fullmatch(plain)
    if match is None or check_digit(match.group(2)) != int(match.group(3)):
        raise CaseNoInvalidError
    return plain
