"""What is certain about a message before the model is asked."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.intent_rules import certain_intent


def _message(text: str, **found: Any) -> Message:
    return Message({TEXT: text, **found})


def _span(text: str, part: str) -> dict[str, int]:
    start = text.index(part)
    return {"start": start, "end": start + len(part)}


@pytest.mark.parametrize(
    ("text", "found", "guess", "expected"),
    [
        pytest.param("着火了快来", {"alerts": [{}]}, "report", "danger", id="danger"),
        pytest.param("WSS26112100014", {"case_nos": [{}]}, "inform", "ask_progress", id="number"),
        pytest.param("撤了WSS26112100014", {"case_nos": [{}]}, "withdraw", None, id="withdraw"),
        pytest.param("冇错", {"polarity": "yes"}, "rate", None, id="yes-as-rating"),
        pytest.param("啱啊", {"polarity": "yes"}, "nonsense", "affirm", id="yes"),
        pytest.param("唔系", {"polarity": "no"}, "greet", "deny", id="no"),
        pytest.param("算了", {"polarity": "no"}, "cancel", None, id="no-as-cancel"),
        pytest.param("2", {"choice": 2}, "nonsense", "inform", id="choice"),
        pytest.param("今天天气不错", {}, "nonsense", None, id="nothing-certain"),
        pytest.param("路" * 70, {}, "greet", "report", id="long-text"),
        pytest.param("路" * 70, {}, "ask_progress", None, id="long-question-of-progress"),
    ],
)
def test_certain(text: str, found: dict[str, Any], guess: str, expected: str | None) -> None:
    assert certain_intent(_message(text, **found), [{"name": guess}]) == expected


@pytest.mark.parametrize(
    ("text", "phone", "expected"),
    [
        ("我电话13800001234", "13800001234", "inform"),
        ("13800001234，路灯坏了", "13800001234", None),
        ("13800001234是谁的？", "13800001234", None),
    ],
)
def test_only_a_phone(text: str, phone: str, expected: str | None) -> None:
    message = _message(text, phones=[_span(text, phone)])
    assert certain_intent(message, [{"name": "report"}]) == expected


def test_a_wish_about_notices_counts_before_any_guess() -> None:
    message = _message("别再通知我了", notice_wish="none", polarity="no")
    assert certain_intent(message, [{"name": "faq_whats_next"}]) == "notice_wish"
