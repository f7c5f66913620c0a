"""Text that may enter: no NUL (PostgreSQL refuses it), no half characters, no other controls."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_REFUSED = re.compile(r"[\x00\ud800-\udfff]")
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _whole(value: str) -> str:
    if _REFUSED.search(value):
        raise ValueError("must not contain NUL or half a character")
    return value


def _clean(value: str) -> str:
    return _CONTROL.sub("", _whole(value))


Clean = AfterValidator(_clean)
"""Drops control characters; the text may become shorter."""
Whole = AfterValidator(_whole)
"""Keeps every character in its place, for texts that offsets point into."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
Line = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True), Clean]
Paragraph = Annotated[str, StringConstraints(max_length=2_000, strip_whitespace=True), Clean]
Essay = Annotated[
    str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True), Clean
]
