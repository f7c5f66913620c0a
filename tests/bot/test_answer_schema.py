"""The quicker check of an action server's answer refuses what the slow one refused."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import ValidationError

from bot.answer_schema import validate_answer

ACTION: Any = None


def test_a_valid_answer_passes() -> None:
    slot = {"event": "slot", "name": "draft", "value": {"id": "d1"}, "timestamp": None}
    assert validate_answer(ACTION, {"events": [slot], "responses": [{"response": "utter_greet"}]})


@pytest.mark.parametrize(
    "answer",
    [[], {"events": {}}, {"events": [{"name": "x"}]}, {"responses": "x"}, {"responses": [1]}],
    ids=["list", "events no list", "no kind of event", "responses no list", "response no object"],
)
def test_a_malformed_answer_is_refused(answer: Any) -> None:
    with pytest.raises(ValidationError):
        validate_answer(ACTION, answer)
