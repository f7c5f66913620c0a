"""A message that is nothing but a rating. Pure."""

import re
import unicodedata
from dataclasses import dataclass

_DIGITS = {"一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5"}
_RATING = re.compile(r"(评价|评|打|给)?([1-5一二两三四五])(分|星|颗星)?")


@dataclass(frozen=True, slots=True)
class Rating:
    """1 to 5; ``is_bare`` is a digit alone, which may also choose from a list."""

    score: int
    is_bare: bool


def read_rating(text: str) -> Rating | None:
    """The rating, if the whole message is one: 5, ５分, 评价3, 打四分."""
    plain = unicodedata.normalize("NFKC", text).strip(" 。.！!，,\n")
    found = _RATING.fullmatch(re.sub(r"\s+", "", plain))
    if found is None:
        return None
    before, digit, after = found.groups()
    return Rating(int(_DIGITS.get(digit, digit)), is_bare=not (before or after))
