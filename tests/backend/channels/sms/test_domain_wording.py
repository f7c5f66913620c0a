"""The assistant's own words as text messages: domain.yml keeps the carriers' rules, too."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend.channels.sms.routing import shape
from backend.conversations.schemas import Button, Reply
from tests.backend.channels.sms.test_templates import LINK

DOMAIN = yaml.safe_load((Path(__file__).parents[4] / "domain.yml").read_text("utf-8"))
_GAP = re.compile(r"\{[a-z_]+\}")
QUESTIONS = ("utter_ask_", "utter_phone_", "utter_readback_ask", "utter_offer_", "utter_greet")


def wording(variants: list[dict[str, Any]]) -> dict[str, Any]:
    """The variant that goes out by text message."""
    fitting = [v for v in variants if v.get("channel") == "sms"]
    return (fitting or [v for v in variants if "channel" not in v])[0]


def parts(variants: list[dict[str, Any]]) -> tuple[Reply, ...]:
    """The messages it becomes, gaps filled with a few words."""
    chosen = wording(variants)
    buttons = tuple(Button(b["title"], b["payload"]) for b in chosen.get("buttons", ()))
    return shape([Reply(_GAP.sub("长安镇上沙社区", chosen["text"]), buttons)])


RESPONSES = [pytest.param(v, id=name) for name, v in DOMAIN["responses"].items()]
ASKING = [
    pytest.param(v, id=name)
    for name, v in DOMAIN["responses"].items()
    if name.startswith(QUESTIONS)
]


@pytest.mark.parametrize("variants", RESPONSES)
def test_holds_no_link_and_no_signature_of_its_own(variants: list[dict[str, Any]]) -> None:
    text = wording(variants)["text"]
    assert not LINK.search(text)
    assert not re.search("[【】]", text)


@pytest.mark.parametrize("variants", ASKING)
def test_a_question_is_one_message(variants: list[dict[str, Any]]) -> None:
    assert len(parts(variants)) == 1


@pytest.mark.parametrize("variants", RESPONSES)
def test_nothing_takes_more_than_two_messages(variants: list[dict[str, Any]]) -> None:
    assert len(parts(variants)) <= 2
