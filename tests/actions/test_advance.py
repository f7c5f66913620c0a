"""The intake, step by step: what is asked, what is never asked again, when it files."""

from __future__ import annotations

from typing import Any

import pytest

from actions.intake.advance import advance
from actions.intake.draft import Contact, Draft, Item
from tests.actions.turns import CHANGAN, SHANGSHA, names, phone, place, request, turn

LIGHT = request("street_light", text="村口路灯坏了", town=CHANGAN, village=SHANGSHA)
LIGHT_NOWHERE = request("street_light", text="村口路灯坏了")


def ready_draft() -> Draft:
    """A draft that was read back and waits for one word."""
    item = Item("村口路灯坏了", "weishishi", "street_light", town=CHANGAN, village=SHANGSHA)
    return Draft(id="d1", items=[item], contact=Contact(phone="13800001234"), asked="confirm")


class TestFirstMessage:
    def test_uses_everything_and_reads_back(self) -> None:
        draft = Draft()
        step = advance(draft, turn("…", "report", requests=[LIGHT], phones=[phone()]))
        assert names(step)[0] == "utter_understood_weishishi"
        assert names(step)[-1] == "utter_readback_ask"
        assert draft.asked == "confirm"

    @pytest.mark.parametrize(
        ("given", "asked", "response"),
        [
            pytest.param([LIGHT_NOWHERE], "location", "utter_ask_location", id="place first"),
            pytest.param([LIGHT], "phone", "utter_ask_phone", id="place known"),
        ],
    )
    def test_asks_the_first_missing_thing(
        self, given: list[Any], asked: str, response: str
    ) -> None:
        draft = Draft()
        step = advance(draft, turn("…", "report", requests=given))
        assert names(step) == ["utter_understood_weishishi", response]
        assert draft.asked == asked

    def test_what_is_told_beside_the_open_question_is_acknowledged(self) -> None:
        draft = Draft()
        advance(draft, turn("…", "report", requests=[LIGHT_NOWHERE]))
        step = advance(draft, turn("晚上有老人在那里摔过一跤，太黑了看不见", "inform"))
        assert names(step) == ["utter_added", "utter_ask_location_again"]
        step = advance(draft, turn("长安上沙", "inform", places=[place()]))
        assert names(step) == ["utter_ask_phone"]

    def test_an_afterthought_without_a_comma_inherits_the_place(self) -> None:
        draft = Draft(contact=Contact(phone="13800001234", village=SHANGSHA), filed="WSS1")
        pit = request("drainage", text="井盖也裂了")
        advance(draft, turn("对了井盖也裂了", "report", requests=[pit]))
        assert draft.items[0].village == SHANGSHA

    def test_two_matters_are_both_named_and_the_contact_asked_once(self) -> None:
        draft = Draft()
        two = [LIGHT, request("waste", text="垃圾没人收", town=CHANGAN, village=SHANGSHA)]
        step = advance(draft, turn("…", "report", requests=two))
        assert names(step) == ["utter_understood_several", "utter_ask_phone"]
        step = advance(draft, turn("…", phones=[phone()]))
        assert names(step).count("utter_readback_item") == 2

    def test_a_village_in_two_towns_is_offered_as_numbered_choices(self) -> None:
        draft = Draft()
        candidates = ["441900101211", "441900122022"]
        step = advance(
            draft,
            turn("…", "report", requests=[request("street_light", place_candidates=candidates)]),
        )
        assert names(step)[-1] == "utter_ask_place_choice"
        assert [b["payload"] for b in step.sayings[-1].buttons] == ["1", "2"]
        advance(draft, turn("2", choice=2))
        assert draft.items[0].village == "441900122022"

    def test_two_close_types_of_different_categories_are_put_to_the_citizen(self) -> None:
        draft = Draft()
        unsure = request("street_light", confidence=0.4)
        unsure["ranking"] = [
            {"type": "street_light", "score": 0.4},
            {"type": "enforcement", "score": 0.35},
        ]
        step = advance(draft, turn("…", "report", requests=[unsure]))
        assert names(step) == ["utter_ask_type"]
        step = advance(draft, turn("1", choice=1))
        assert names(step) == ["utter_understood_weishishi", "utter_ask_location"]

    @pytest.mark.parametrize("intent", ["announce", "report"])
    def test_saying_only_that_there_is_something_asks_what(self, intent: str) -> None:
        draft = Draft()
        assert names(advance(draft, turn("我要反映问题", intent))) == ["utter_ask_detail"]

    def test_a_matter_told_later_lies_where_the_first_one_lies(self) -> None:
        draft = ready_draft()
        hoop = request("public_facility", text="我们村的篮球架倒了")
        step = advance(draft, turn("还有，我们村的篮球架倒了", "another", requests=[hoop]))
        assert draft.items[1].village == SHANGSHA
        assert names(step)[-1] == "utter_readback_ask"

    def test_after_filing_our_village_is_still_known(self) -> None:
        draft = ready_draft()
        draft.close()
        hoop = request("public_facility", text="我们村的篮球架倒了")
        step = advance(draft, turn("我们村的篮球架倒了", "report", requests=[hoop]))
        assert draft.items[0].village == SHANGSHA
        assert names(step)[-1] == "utter_readback_ask"

    def test_another_matter_without_words_asks_what_it_is(self) -> None:
        nothing = request("other_matter", "out_of_scope", text="还有一件事")
        said = turn("还有一件事", "another", requests=[nothing])
        assert names(advance(Draft(), said)) == ["utter_ask_detail"]

    def test_a_first_word_that_says_little_takes_its_type_from_the_next(self) -> None:
        draft = Draft()
        advance(draft, turn("家里困难", "report", requests=[request("living_aid", "weixinyuan")]))
        surgery = request("medical_aid", "weixinyuan", text="老公车祸没钱做手术")
        advance(draft, turn("老公车祸没钱做手术", "report", requests=[surgery]))
        assert [item.type for item in draft.items] == ["medical_aid"]
        assert "老公车祸" in draft.items[0].text
        assert draft.items[0].address is None


class TestAnswers:
    def test_a_place_is_taken_with_its_address(self) -> None:
        draft = Draft()
        advance(draft, turn("…", "report", requests=[LIGHT_NOWHERE]))
        advance(draft, turn("长安上沙中南路", places=[place(address="中南路")]))
        assert (draft.items[0].village, draft.items[0].address) == (SHANGSHA, "中南路")
        assert draft.asked == "phone"

    def test_an_unknown_place_is_kept_as_address_and_asked_once_more(self) -> None:
        draft = Draft()
        advance(draft, turn("…", "report", requests=[LIGHT_NOWHERE]))
        step = advance(draft, turn("小学后头"))
        assert names(step) == ["utter_ask_location_again"]
        assert draft.items[0].address == "小学后头"
        assert names(advance(draft, turn("不清楚", "skip"))) == ["utter_ask_phone"]

    def test_a_number_with_a_digit_missing_is_told_and_asked_again(self) -> None:
        draft = Draft()
        advance(draft, turn("…", "report", requests=[LIGHT]))
        step = advance(draft, turn("1380000123", phones=[phone("1380000123", valid=False)]))
        assert names(step) == ["utter_phone_invalid"]
        assert draft.asked == "phone"
        advance(draft, turn("13800001234", phones=[phone()]))
        assert draft.asked == "confirm"

    def test_no_phone_is_allowed_and_its_consequence_told(self) -> None:
        draft = Draft()
        advance(draft, turn("…", "report", requests=[LIGHT]))
        step = advance(draft, turn("不留", "skip"))
        assert names(step)[0] == "utter_anonymous_noted"
        assert "utter_readback_anonymous" in names(step)


class TestConfirmation:
    @pytest.mark.parametrize(
        "yes",
        [
            pytest.param(turn("嗯", "affirm"), id="intent"),
            pytest.param(turn("冇错", "inform", polarity="yes"), id="polarity"),
            pytest.param(turn("1", "inform", choice=1), id="digit"),
        ],
    )
    def test_one_word_files(self, yes: Any) -> None:
        assert advance(ready_draft(), yes).file

    def test_a_corrected_phone_is_read_back_again(self) -> None:
        draft = ready_draft()
        step = advance(draft, turn("电话打错了", "correct", phones=[phone("13900005678")]))
        assert not step.file
        assert names(step)[0] == "utter_corrected"
        assert draft.contact.phone == "13900005678"

    def test_a_corrected_place_replaces_the_old_one(self) -> None:
        draft = ready_draft()
        qingxi = place(village=None, town="441900115")
        step = advance(draft, turn("不是长安，是清溪", "correct", places=[qingxi]))
        assert (draft.items[0].town, draft.items[0].village) == ("441900115", None)
        assert names(step) == ["utter_corrected", "utter_ask_village"]

    def test_a_bare_no_asks_what_is_wrong(self) -> None:
        draft = ready_draft()
        assert names(advance(draft, turn("不对", "deny"))) == ["utter_ask_correction"]

    def test_a_named_field_without_its_value_is_asked_for(self) -> None:
        draft = ready_draft()
        assert names(advance(draft, turn("电话不对", "correct"))) == ["utter_ask_phone"]

    def test_yes_that_adds_a_name_still_files(self) -> None:
        draft = ready_draft()
        said = turn("对，我姓陈", "affirm", names=[{"value": "陈先生", "of": "caller"}])
        assert advance(draft, said).file
        assert draft.contact.name == "陈先生"

    def test_cancelling_forgets_the_matter_and_keeps_the_contact(self) -> None:
        draft = ready_draft()
        assert names(advance(draft, turn("算了不报了", "cancel"))) == ["utter_cancelled"]
        assert draft.items == []
        assert draft.contact.phone == "13800001234"


class TestOutOfScope:
    WAGES = request("labour_dispute", "out_of_scope", text="拖欠工资")

    def test_the_right_door_comes_with_an_offer(self) -> None:
        draft = Draft()
        step = advance(draft, turn("…", "report", requests=[self.WAGES]))
        assert names(step) == ["utter_redirect_labour_dispute", "utter_offer_referral"]

    def test_yes_asks_the_phone_once_and_refers(self) -> None:
        draft = Draft()
        advance(draft, turn("…", "report", requests=[self.WAGES]))
        assert names(advance(draft, turn("要", "affirm"))) == ["utter_ask_referral_phone"]
        assert advance(draft, turn("138…", phones=[phone()])).refer

    def test_no_ends_kindly(self) -> None:
        draft = Draft()
        advance(draft, turn("…", "report", requests=[self.WAGES]))
        assert names(advance(draft, turn("不用", "deny"))) == ["utter_referral_declined"]

    def test_beside_a_matter_of_ours_both_are_answered(self) -> None:
        draft = Draft()
        step = advance(draft, turn("…", "report", requests=[LIGHT, self.WAGES]))
        assert names(step) == [
            "utter_understood_weishishi",
            "utter_redirect_labour_dispute",
            "utter_ask_phone",
        ]


def test_the_draft_survives_its_slot() -> None:
    draft = ready_draft()
    assert Draft.load(draft.dump()) == draft


def test_who_cannot_say_what_it_is_is_not_asked_for_ever() -> None:
    draft = Draft(asked="detail")
    said = [names(advance(draft, turn("不清楚", "skip")))[0] for _ in range(4)]
    assert said[-1] == "utter_nonsense"
    assert said.count("utter_ask_detail") == 3


def test_a_slip_that_led_to_another_door_is_taken_back() -> None:
    wages = request("labour_dispute", "out_of_scope", text="举报")
    draft = Draft()
    advance(draft, turn("我想举报", "report", requests=[wages]))
    assert names(advance(draft, turn("我说错了，是想修村里的路", "correct"))) == [
        "utter_ask_detail"
    ]
    assert not draft.items
