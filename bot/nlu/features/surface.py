"""The form in which classifiers read a text: dialect glossed, numbers and masks levelled."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_MASK = re.compile(r"[〔\[【(（]?(?:手机号?|电话|姓名|地址)[〕\]】)）]|[*＊xX×]{2,}")


def surface(text: str) -> str:
    """`text` in lower case with every number as 0 and masked data as one sign."""
    return _NUMBER.sub("0", _MASK.sub("某", text.lower()))
