"""The read-back: what is said there is never lost, and one word can take a cancel back."""

from __future__ import annotations

import pytest

from actions.hearing import heard
from actions.intake.advance import advance
from actions.intake.draft import Contact, Draft, Item
from tests.actions.turns import CHANGAN, SHANGSHA, names, phone, request, turn


def ready() -> Draft:
    """A draft that was read back and waits for one word."""
    item = Item("村口路灯坏了", "weishishi", "street_light", town=CHANGAN, village=SHANGSHA)
    return Draft(id="d1", items=[item], contact=Contact(phone="13800001234"), asked="confirm")


def say(draft: Draft, text: str, intent: str, **facts: object) -> list[str]:
    """What the assistant answers to this message."""
    return names(advance(draft, heard(turn(text, intent, **facts), draft)))


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("对了，我还想说是两盏一起坏的", id="begins like a yes"),
        pytest.param("去年就报过一次，老人天天摔跤", id="a grievance"),
        pytest.param("别打给我家里人，老公会看手机", id="a wish for discretion"),
    ],
)
def test_words_said_at_the_read_back_stand_with_the_matter(words: str) -> None:
    draft = ready()
    said = say(draft, words, "affirm" if words.startswith("对了") else "report")
    assert said[0] == "utter_added"
    assert words in draft.items[0].text
    assert words in draft.items[0].shown
    assert draft.asked == "confirm"


def test_another_kind_of_matter_mends_it_and_opens_no_second_one() -> None:
    draft = ready()
    road = request("road", text="不是路灯坏了，是路坏了")
    said = say(draft, "不是路灯坏了，是路坏了", "report", requests=[road])
    assert said[0] == "utter_corrected"
    assert [item.type for item in draft.items] == ["road"]


def test_a_spelled_out_address_is_taken_as_it_is() -> None:
    draft = ready()
    say(draft, "地点是村委旁边篮球场", "report")
    assert draft.items[0].address == "村委旁边篮球场"


class TestCancelling:
    def test_asking_for_time_keeps_everything(self) -> None:
        draft = ready()
        assert say(draft, "等一下，先别登记，我问下老公", "cancel") == ["utter_waiting"]
        assert draft.items

    def test_one_word_takes_it_up_again(self) -> None:
        draft = ready()
        assert say(draft, "算了不报了", "cancel") == ["utter_cancelled"]
        said = say(draft, "还是报吧", "report")
        assert said[0] == "utter_revived"
        assert said[-1] == "utter_readback_ask"

    def test_a_new_matter_forgets_what_was_cancelled(self) -> None:
        draft = ready()
        say(draft, "算了不报了", "cancel")
        waste = request("waste", text="垃圾没人收")
        say(draft, "长安上沙垃圾没人收", "report", requests=[waste], phones=[phone()])
        assert not draft.dropped
