"""Matters in another city, two places for two matters, a town corrected while the village stays."""

from __future__ import annotations

from dataclasses import replace

from actions.intake.advance import advance
from actions.intake.draft import Draft
from tests.actions.turns import names, place, request, turn

HOUJIE_XINTANG, DALINGSHAN_XINTANG = "441900122020", "441900118202"


def asked_where() -> Draft:
    draft = Draft()
    advance(draft, turn("路灯坏了", "report", requests=[request("street_light")]))
    assert draft.asked == "location"
    return draft


def test_a_matter_in_another_city_is_not_taken_in_silence() -> None:
    draft = Draft()
    step = advance(
        draft,
        turn("惠州这边路灯坏了", "report", requests=[request("street_light")], other_city="惠州"),
    )
    assert names(step) == ["utter_other_city"]
    assert draft.asked == "other_city"


def test_another_city_as_the_answer_to_where() -> None:
    draft = asked_where()
    assert names(advance(draft, turn("惠州那边", other_city="惠州"))) == ["utter_other_city"]
    assert draft.items[0].address is None


def test_who_stays_with_the_other_city_is_let_go() -> None:
    draft = asked_where()
    advance(draft, turn("惠州那边", other_city="惠州"))
    step = advance(draft, turn("不在", "deny", polarity="no"))
    assert names(step) == ["utter_other_city_closed"]
    assert draft.items == []


def test_a_place_here_after_all_goes_on() -> None:
    draft = asked_where()
    advance(draft, turn("惠州那边", other_city="惠州"))
    advance(draft, turn("是长安上沙", places=[place()]))
    assert draft.items[0].village is not None
    assert draft.asked == "phone"


def test_two_places_for_two_matters() -> None:
    draft = Draft()
    both = [request("street_light"), request("waste")]
    advance(draft, turn("路灯坏了，垃圾没人收", "report", requests=both))
    huangjiashan, shuinan = "441900102206", "441900101201"
    advance(
        draft,
        turn(
            "一个在石龙黄家山，一个在石碣水南",
            places=[place(huangjiashan, huangjiashan[:9]), place(shuinan, shuinan[:9])],
        ),
    )
    assert [item.village for item in draft.items] == [huangjiashan, shuinan]


def test_a_corrected_town_keeps_the_village_of_the_same_name() -> None:
    draft = asked_where()
    advance(draft, turn("新塘", places=[place(HOUJIE_XINTANG, HOUJIE_XINTANG[:9])]))
    draft.asked = "confirm"
    advance(draft, turn("不是，是大岭山的", "correct", places=[place(None, "441900118")]))
    assert draft.items[0].village == DALINGSHAN_XINTANG


def test_of_two_numbers_the_caller_s_answers_the_question() -> None:
    mine = {"value": "13712340114", "valid": True, "of": "caller"}
    hers = {"value": "13812340115", "valid": True, "of": "other"}
    assert turn("我的…，我老婆的…", phones=[mine, hers]).any_phone == "13712340114"
    assert turn("打我老婆的…", phones=[hers]).any_phone == "13812340115"


def test_offsets_count_the_text_as_sent() -> None:
    sent = "路灯坏了   \u200b电话13712340114"
    number = {"value": "13712340114", "valid": True, "start": 10, "end": 21}
    said = replace(turn("路灯坏了 电话13712340114", phones=[number]), sent=sent)
    assert not any(character.isdigit() for character in said.words)
