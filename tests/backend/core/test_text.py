"""Text that may enter."""

import pytest
from pydantic import TypeAdapter, ValidationError

from backend.core.text import Line

LINE: TypeAdapter[str] = TypeAdapter(Line)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "ok\udfff"])
def test_what_the_database_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        LINE.validate_python(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [("路灯\x1b坏了", "路灯坏了"), ("a\tb\nc", "a\tb\nc"), ("😀𠮷", "😀𠮷"), ("  x ", "x")],
)
def test_other_controls_are_dropped(text: str, kept: str) -> None:
    assert LINE.validate_python(text) == kept
