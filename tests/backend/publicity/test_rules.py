"""Small numbers of a village point at nobody, not by subtraction either."""

import pytest

from backend.publicity.rules import broken_out


@pytest.mark.parametrize(
    ("counts", "shown", "others"),
    [
        pytest.param({}, {}, 0, id="nothing"),
        pytest.param({"a": 9, "b": 5}, {"a": 9, "b": 5}, 0, id="all large enough"),
        pytest.param({"a": 9, "b": 3, "c": 2}, {"a": 9}, 5, id="two small ones together"),
        pytest.param({"a": 9, "b": 6, "c": 4}, {"a": 9}, 10, id="one small one takes the next"),
        pytest.param({"a": 9, "b": 1, "c": 1}, {}, 11, id="together still too few"),
        pytest.param({"a": 2}, {}, 2, id="the town's own count is shown anyway"),
    ],
)
def test_few_are_not_broken_out(counts: dict[str, int], shown: dict[str, int], others: int) -> None:
    assert broken_out(counts) == (shown, others)
