"""A rating in words or points."""

from __future__ import annotations

import pytest

from actions.feedback.adding import _meant, _score
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


@pytest.mark.parametrize(
    ("intent", "meant"), [("rate", "finished"), ("withdraw", "newest"), ("supplement", "newest")]
)
def test_a_rating_is_of_the_newest_finished_case(intent: str, meant: str) -> None:
    cases = [
        {"case_no": "newest", "status": "received"},
        {"case_no": "finished", "status": "feedback"},
        {"case_no": "older", "status": "feedback"},
    ]
    assert _meant(intent, cases)["case_no"] == meant
    assert _meant(intent, cases[:1])["case_no"] == "newest"
