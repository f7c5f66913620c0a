"""What the desk makes of a reading, without a database."""

from datetime import datetime
from typing import Any

import pytest

from backend.core.clock import SHANGHAI
from backend.desk import cards, forms, texts
from backend.desk.errors import FormRefusedError
from backend.desk.marks import Mark, line_of, lines
from backend.desk.masking import mask_found, mask_identity, without_people
from backend.desk.schemas import CardInput
from backend.taxonomy.service import taxonomy
from backend.understanding.schemas import Reading, Sensitive
from tests.support.readings import (
    BURNING,
    CALL,
    DRAIN,
    FIRE,
    LAMP,
    TUITION,
    TWO_MATTERS,
    reading,
)


def parsed(text: str, *requests: dict[str, Any], **more: Any) -> Reading:
    return Reading.model_validate(reading(text, *requests, **more))


class TestCards:
    def test_every_value_has_its_source(self) -> None:
        (card,) = cards.cards(CALL, parsed(CALL, LAMP))
        assert card.values["place"] == "长安镇上沙社区"
        assert card.values["description"] == LAMP["description"]
        spans = card.sources["contact_phone"].spans
        assert [CALL[start:end] for start, end in spans] == ["13800001234"] * 2
        (start, end), *_ = card.sources["address"].spans
        assert CALL[start:end] == "村口公交站旁"

    @pytest.mark.parametrize(
        ("field", "sure"),
        [
            pytest.param("type", "high", id="the classifier is sure"),
            pytest.param("contact_phone", "high", id="read back"),
            pytest.param("contact_name", "medium", id="said once"),
            pytest.param("description", "medium", id="inferred"),
        ],
    )
    def test_says_how_sure_it_is(self, field: str, sure: str) -> None:
        (card,) = cards.cards(CALL, parsed(CALL, LAMP))
        assert card.sources[field].sure == sure

    def test_each_request_is_a_card_with_its_runner_up(self) -> None:
        drain, tuition = cards.cards(TWO_MATTERS, parsed(TWO_MATTERS, DRAIN, TUITION))
        assert (drain.index, tuition.index) == (0, 1)
        assert [choice.type for choice in tuition.choices] == ["education_aid", "living_aid"]
        assert tuition.sources["type"].sure == "low"
        assert tuition.values["person"] == "侄女"

    def test_doubt_orders_a_list(self) -> None:
        sure = cards.doubt(cards.cards(CALL, parsed(CALL, LAMP)))
        unsure = cards.doubt(cards.cards(TWO_MATTERS, parsed(TWO_MATTERS, DRAIN, TUITION)))
        assert 0 <= sure < unsure <= 1
        assert cards.doubt([]) == 1


class TestConflicts:
    def test_two_phones(self) -> None:
        found = cards.conflicts(parsed(TWO_MATTERS, DRAIN))
        assert [conflict.kind for conflict in found] == ["phones"]
        assert "13900005678" in found[0].text
        assert "13600009999" in found[0].text

    def test_one_phone_said_twice_is_none(self) -> None:
        assert cards.conflicts(parsed(CALL, LAMP)) == []

    @pytest.mark.parametrize(
        ("second", "kinds"),
        [
            pytest.param({"town": "441900116", "village": "441900116012"}, ["places"], id="other"),
            pytest.param({"town": "441900119", "village": None}, [], id="its own town"),
            pytest.param(
                {"town": "441900116", "village": None, "role": "origin"}, [], id="where from"
            ),
            pytest.param(
                {"candidates": ["441900119011", "441900119003"]},
                ["place_candidates"],
                id="a name in two places",
            ),
        ],
    )
    def test_places(self, second: dict[str, Any], kinds: list[str]) -> None:
        told = reading(CALL, LAMP)
        place = {"town": None, "village": None, "candidates": [], "text": "那里", "role": "request"}
        told["facts"]["places"].append(place | {"start": 0, "end": 2} | second)
        found = cards.conflicts(Reading.model_validate(told))
        assert [conflict.kind for conflict in found] == kinds

    def test_a_number_with_a_digit_missing(self) -> None:
        told = reading(CALL, LAMP | {"phones": []})
        told["facts"]["phones"] = [
            {"value": "1380000123", "valid": False, "kind": "partial", "start": 0, "end": 10}
        ]
        assert cards.conflicts(Reading.model_validate(told))[0].kind == "partial_phone"


class TestDanger:
    def test_says_what_to_do_now_once(self) -> None:
        (danger,) = cards.dangers(parsed(FIRE, BURNING, alerts=("fire", "fire")))
        assert danger.number == "119"
        assert "119" in danger.advice


class TestMarks:
    def test_lines_are_numbered_and_lose_nothing(self) -> None:
        shown = lines(CALL, [])
        assert [line.number for line in shown] == list(range(1, 9))
        assert [piece.text for line in shown for piece in line.pieces] == CALL.split("\n")

    def test_overlapping_marks_share_their_words(self) -> None:
        (line,) = lines("路灯坏了", [Mark(0, 3, "a"), Mark(2, 4, "b")])
        assert [(p.text, p.keys) for p in line.pieces] == [
            ("路灯", ("a",)), ("坏", ("a", "b")), ("了", ("b",))
        ]  # fmt: skip

    def test_a_call_without_line_breaks_is_cut_after_sentences(self) -> None:
        text = "您好，请讲。" * 40
        assert len(lines(text, [])) == 40
        assert line_of(lines(text, []), text.rindex("您好")) == 40


class TestMasking:
    @pytest.mark.parametrize("number", ["441999194205172087", "6222 0212 3456 7890 123"])
    def test_identity_and_bank_numbers_go_and_offsets_stay(self, number: str) -> None:
        text = f"证号是{number}，电话13800001234"
        masked = mask_identity(text)
        assert len(masked) == len(text)
        assert number[:6] not in masked
        assert "13800001234" in masked

    def test_spoken_digits_go_where_the_assistant_found_them(self) -> None:
        text = "身份证四四一九零零一九八零"
        span = Sensitive(kind="id_card", start=3, end=len(text))
        assert mask_found(text, [span]) == "身份证" + "*" * 10

    def test_training_text_has_no_people(self) -> None:
        text = "我叫陈小美，电话幺三八零零零零一二三四，也可以打13900005678"
        plain = without_people(text, ["陈小美"], [(8, 19)])
        assert "陈小美" not in plain
        assert "一二三四" not in plain
        assert "1390000" not in plain


class TestForm:
    def given(self, **changes: Any) -> CardInput:
        (card,) = cards.cards(CALL, parsed(CALL, LAMP))
        filled = forms.prefilled(card, "DH123", datetime(2026, 11, 10, 18, tzinfo=SHANGHAI))
        return CardInput(**{n: getattr(filled, n) for n in CardInput.__slots__} | changes)

    def test_the_prefilled_form_can_be_filed_as_it_is(self) -> None:
        case = forms.to_case(self.given())
        assert (case.village, case.contact_phone) == ("441900119011", "13800001234")
        assert (case.external_ref, case.channel, case.labelled_by) == ("DH123", "hotline", "agent")
        assert case.external_due == datetime(2026, 11, 10, 18, tzinfo=SHANGHAI)

    def test_nothing_changed_is_no_difference(self) -> None:
        (card,) = cards.cards(CALL, parsed(CALL, LAMP))
        assert forms.differences(card.values, forms.agent_values(self.given())) == []

    def test_changes_are_named(self) -> None:
        (card,) = cards.cards(CALL, parsed(CALL, LAMP))
        agent = forms.agent_values(self.given(place="塘厦镇", beneficiaries=""))
        assert forms.differences(card.values, agent) == ["town", "village", "beneficiaries"]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            pytest.param({"type": ""}, "type", id="no type"),
            pytest.param({"place": "某某村"}, "place", id="no such place"),
            pytest.param({"description": ""}, "description", id="no words"),
            pytest.param({"contact_phone": "12"}, "contact_phone", id="no phone"),
            pytest.param({"beneficiaries": "很多"}, "beneficiaries", id="no number"),
            pytest.param({"external_due": "明天"}, "external_due", id="no time"),
            pytest.param({"address": "路" * 201}, "address", id="too long"),
        ],
    )
    def test_what_cannot_be_filed_is_said_by_field(
        self, changes: dict[str, str], field: str
    ) -> None:
        with pytest.raises(FormRefusedError) as refused:
            forms.to_case(self.given(**changes))
        assert list(refused.value.problems) == [field]


class TestTexts:
    LAMP = taxonomy().leaf("street_light")

    @pytest.mark.parametrize(
        ("changes", "gap"),
        [
            ({}, "village"),
            ({"contact_phone": "13800001234"}, "village"),
        ],
    )
    def test_the_place_is_asked_first(self, changes: dict[str, str], gap: str) -> None:
        given = CardInput(description="路灯坏了", **changes)
        assert texts.missing(given, self.LAMP, ("441900119", None))[0] == gap

    def test_the_question_can_be_read_aloud(self) -> None:
        assert texts.question(("contact_phone",)).endswith("？")
        assert texts.question(()) != ""

    @pytest.mark.parametrize(
        ("phone", "fits"), [("13800001234", True), ("138 0000 1234", True), ("076912345678", False)]
    )
    def test_only_mobiles_take_messages(self, phone: str, fits: bool) -> None:
        assert texts.can_text(phone) is fits

    def test_the_number_is_spoken_in_groups(self) -> None:
        assert texts.spoken("WSS26110300016") == "WSS 261103 0001 6"

    @pytest.mark.parametrize(
        ("summary", "aloud"),
        [
            ("村口路灯不亮", "村口路灯不亮"),
            ("长安镇上沙：村口路灯不亮，晚上没人敢走，老人摔过，小孩也摔过，修一下", "村口路灯不亮，晚上没人敢走，老人摔过，小孩也摔过，修一下"),
            ("我妈瘫痪三年，家里四口人靠我一个人打零工，吃药一个月两千多…", "我妈瘫痪三年，家里四口人靠我一个人打零工，吃药一个月两千多"),
            ("公园的路灯有四五盏都不亮了晚上跳舞的阿姨都看不到路昨天又摔了好几个人", "道路路灯"),
            ("沟堵了，" * 12, "沟堵了，沟堵了，沟堵了，沟堵了，沟堵了，沟堵了，沟堵了，沟堵了"),
        ],
    )  # fmt: skip
    def test_the_matter_is_read_aloud_in_short(self, summary: str, aloud: str) -> None:
        given = CardInput(type="street_light", summary=summary, description="x" * 200)
        leaf = taxonomy().leaf(given.type)
        assert leaf is not None
        assert f"“{aloud}”" in texts.reply(given, leaf, (None, None), None, None)

    def test_danger_is_answered_with_what_to_do_now(self) -> None:
        leaf = taxonomy().leaf("emergency")
        assert leaf is not None
        given = CardInput(type="emergency", summary="木材厂着火", description="着火了")
        said = texts.reply(given, leaf, (None, None), None, None)
        assert said.startswith("请您先到安全的地方")
        assert "办理范围" not in said
        message = texts.sms(leaf, (None, None), None, "ZYZ26110300016")
        assert "119" in texts.as_read(message)
        assert texts.missing(given, leaf, (None, None))[0] == "village"
