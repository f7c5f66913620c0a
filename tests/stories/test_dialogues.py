"""Every dialogue reaches its expectation over the REST channel against the real stack."""

from __future__ import annotations

import statistics
from typing import Any

import pytest

from tests.stories.conftest import RunningStack, dialogue_files
from tests.stories.play import load, play

pytestmark = pytest.mark.stack

ROWS = [row for file in dialogue_files() for row in load(file)]
_QUESTIONS: list[int] = []


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_dialogue(stack: RunningStack, row: dict[str, Any]) -> None:
    outcome = play(stack, row)
    _QUESTIONS.append(outcome.questions)
    talk = "\n".join(f"市民 {said}\n莞家 {answer}" for said, answer in outcome.log)
    assert outcome.problems == [], talk


def test_the_median_case_needs_at_most_two_questions(stack: RunningStack) -> None:
    assert statistics.median(_QUESTIONS) <= 2
