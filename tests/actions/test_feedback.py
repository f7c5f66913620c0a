"""A rating in words or points."""

from __future__ import annotations

import pytest

from actions.feedback.adding import _score
from tests.actions.turns import turn


@pytest.mark.parametrize(
    ("said", "score"),
    [
        ("我评价WSS26112100014：1分", 1),
        ("给2星", 2),
        ("评价4分", 4),
        ("很满意", 5),
        ("不满意", 1),
        ("没解决", 1),
    ],
)
def test_points_count_before_words(said: str, score: int) -> None:
    assert _score(turn(said, intent="rate")) == score


def test_a_bare_number_is_the_score() -> None:
    assert _score(turn("3", intent="rate", choice=3)) == 3
