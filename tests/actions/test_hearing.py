"""The same words, heard where the conversation stands."""

from __future__ import annotations

from typing import Any

import pytest

from actions.hearing import heard
from actions.intake.draft import Contact, Draft, Item
from tests.actions.turns import phone, place, request, turn

LIGHT = request("street_light", text="村口路灯坏了")


def under_way(asked: str, **contact: Any) -> Draft:
    """A draft with one matter, at this question."""
    item = Item("村口路灯坏了", "weishishi", "street_light")
    return Draft(id="d1", items=[item], contact=Contact(**contact), asked=asked)


@pytest.mark.parametrize(
    ("asked", "said", "intent", "meaning"),
    [
        pytest.param("confirm", "撤了吧，我不想报了", "withdraw", "cancel", id="the draft is meant"),
        pytest.param("confirm", "上次那个撤了", "withdraw", "withdraw", id="an earlier case is meant"),
        pytest.param("phone", "算了，不留电话了", "cancel", "skip", id="only the number is refused"),
        pytest.param("phone", "算了不报了", "cancel", "cancel", id="a real cancel stays"),
        pytest.param("phone", "我没有别的电话，这个微信就行", "faq_anonymous", "skip", id="WeChat will do"),
        pytest.param("confirm", "好的，麻烦快点", "thanks", "affirm", id="yes with thanks"),
        pytest.param("confirm", "好的，不过门牌错了", "correct", "correct", id="yes, but"),
        pytest.param("confirm", "对了，是两盏", "affirm", "supplement", id="an afterthought, no yes"),
        pytest.param("confirm", "不是路坏了，是路灯坏了", "report", "correct", id="another is meant"),
        pytest.param("correction", "电话", "faq_contact", "correct", id="names what is wrong"),
        pytest.param("phone", "你们到底登记了没有", "cancel", "ask_progress", id="asks whether"),
        pytest.param("phone", "没有现在打", "deny", "deny", id="no refusal of the number"),
        pytest.param("confirm", "可以改吗", "faq_process", "faq_process", id="asks, agrees to nothing"),
        pytest.param("referral", "要，谢谢", "thanks", "affirm", id="yes to the offer"),
        pytest.param("phone", "到底什么时候能弄好", "ask_progress", "faq_duration", id="nothing to look up"),
        pytest.param("phone", "我要找真人", "ask_human", "ask_human", id="a person is a person"),
    ],
)  # fmt: skip
def test_the_open_question_decides(asked: str, said: str, intent: str, meaning: str) -> None:
    assert heard(turn(said, intent), under_way(asked)).intent == meaning


def test_a_number_answers_the_question_for_it_however_it_is_put() -> None:
    said = turn("不用留她的，留我的，13800001234", "report", phones=[phone()])
    assert heard(said, under_way("phone")).intent == "inform"


def test_a_place_in_a_polite_answer_is_an_answer() -> None:
    said = turn("谢谢啊，在长安上沙", "thanks", places=[place()])
    assert heard(said, under_way("location")).intent == "inform"


@pytest.mark.parametrize(("chance", "meaning"), [(0.4, "inform"), (0.95, "faq_privacy")])
def test_an_unsure_aside_gives_way_to_the_answer_waited_for(chance: float, meaning: str) -> None:
    said = turn("旧市场", "faq_privacy")
    said = type(said)(**{**vars(said), "ranking": (("faq_privacy", chance), ("inform", 0.2))})
    assert heard(said, under_way("location")).intent == meaning


def test_a_matter_in_the_words_of_a_greeting_is_a_matter() -> None:
    said = turn("晚上好黑，没有灯", "greet", requests=[LIGHT])
    said = type(said)(**{**vars(said), "ranking": (("greet", 0.5), ("report", 0.4))})
    assert heard(said, Draft()).intent == "report"


@pytest.mark.parametrize(
    "said", ["你们到底管不管啊！！", "到底有没有人管", "打了三次了，有没有人理"]
)
def test_who_only_scolds_is_listened_to(said: str) -> None:
    assert heard(turn(said, "faq_scope"), Draft()).intent == "rude"
    assert heard(turn("路灯你们管不管？", "faq_scope", requests=[LIGHT]), Draft()).intent != "rude"


def test_what_needs_no_second_hearing_is_the_same_turn() -> None:
    said = turn("村口路灯坏了", "report", requests=[LIGHT])
    assert heard(said, Draft()) is said
