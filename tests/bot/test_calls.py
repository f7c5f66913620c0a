"""Hotline calls in many notations, several requests in one text, and the assembled result."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.nlu import facts, segments, transcripts
from bot.nlu.assembly import Settings, assemble
from bot.nlu.classify.corpus import taxonomy
from bot.nlu.normalization import normalize

AGENT = ["您好，请讲", "请问是哪个村", "您贵姓，电话多少", "13700001122，登记了"]
CALLER = [
    "我们村口的排水沟塌了",
    "石排埔心，祠堂旁边",
    "姓雷，雷国富，幺三七零零零零幺幺二二",
    "对，多谢",
]


def call(agent: str, caller: str, between: str = "\n") -> str:
    pairs = zip(AGENT, CALLER, strict=True)
    return between.join(f"{agent}{a}{between}{caller}{c}" for a, c in pairs)


NOTATIONS = [
    pytest.param(call("坐席:", "市民:"), id="labels"),
    pytest.param(call("客服：", "来电人："), id="other-labels"),
    pytest.param(call("A：", "B："), id="letters"),
    pytest.param(call("乙：", "甲："), id="letters-swapped"),
    pytest.param(call("(接听)", "(来电)"), id="brackets"),
    pytest.param(call("【服务】", "【市民】"), id="square-brackets"),
    pytest.param(call("坐席\n", "市民\n"), id="label-on-its-own-line"),
    pytest.param(call("[00:12] 坐席 8012：", "[00:15] 市民："), id="time-stamps"),
    pytest.param(call("说话人1：", "说话人2："), id="numbered-speakers"),
    pytest.param(call("", ""), id="no-labels"),
    pytest.param(call("坐席：", "市民：", "。"), id="one-line"),
    pytest.param(
        json.dumps([{"role": r, "text": t} for p in zip(AGENT, CALLER, strict=True) for r, t in zip(("agent", "user"), p, strict=True)], ensure_ascii=False),
        id="json",
    ),
]  # fmt: skip


@pytest.mark.parametrize("text", NOTATIONS)
class TestNotations:
    def test_speakers(self, text: str) -> None:
        turns = transcripts.parse(normalize(text).text)
        assert [turn.speaker for turn in turns] == ["agent", "caller"] * 4

    def test_facts(self, text: str) -> None:
        found = facts.gather(normalize(text).text, "transcript")
        assert found.contact_phone() == "13700001122"
        assert [name.value for name in found.names] == ["雷国富"]
        assert [place.village for place in found.places if place.role == "request"] == [
            "441900104212"
        ]


class TestSelfCorrection:
    def test_the_later_number_wins(self) -> None:
        text = "市民：幺三七零零零零幺幺二二\n坐席：13700001122，对吗\n市民：不对，后面是三三四四\n坐席：13700003344\n市民：对"
        assert facts.gather(text, "transcript").contact_phone() == "13700003344"

    def test_a_short_answer_counts(self) -> None:
        text = "坐席：大概多少人用\n市民：三四百吧\n坐席：好的，登记了\n市民：多谢"
        assert [count.value for count in facts.gather(text, "transcript").counts] == [300]


class TestSegments:
    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("村口路灯不亮，另外我妈瘫痪在床想申请护理床", 2),
            ("两件事：一、路灯不亮；二、垃圾池满了没人清", 2),
            ("水管漏水漏了三天，打了三次电话都没人来修，希望尽快处理，谢谢", 1),
            ("", 0),
        ],
    )
    def test_parts(self, text: str, parts: int) -> None:
        assert len(segments.split(text)) == parts

    def test_offsets(self) -> None:
        text = "村口路灯不亮，另外我妈瘫痪在床想申请护理床"
        for segment in segments.split(text):
            assert text[segment.start : segment.end] == segment.text
            start, end = segment.locate(0, len(segment.text))
            assert text[start:end] == segment.text

    def test_asking_sentences(self) -> None:
        text = "路灯坏了。老人摔了两次。希望尽快修好。"
        assert [text[span.start : span.end] for span in segments.asking(text)] == ["希望尽快修好。"]


def predict(text: str, *kinds: str, confidence: float = 0.9) -> list[dict[str, Any]]:
    normalized = normalize(text)
    parts = segments.split(normalized.text)
    result = []
    for part, kind in zip(parts, kinds, strict=True):
        start, end = normalized.span(part.start, part.end)
        result.append(
            {
                "start": start,
                "end": end,
                "text": text[start:end],
                "type": kind,
                "confidence": confidence,
                "ranking": [],
                "evidence": [],
                "dangers": {"medical": 0.9} if kind == "emergency" else {},
            }
        )
    return result


def triage(text: str, *kinds: str, confidence: float = 0.9) -> dict[str, Any]:
    normalized = normalize(text)
    return assemble(
        normalized,
        predict(text, *kinds, confidence=confidence),
        facts.gather(normalized.text),
        taxonomy(),
        Settings(),
    )


def unsure(text: str, dangers: dict[str, float]) -> dict[str, Any]:
    """A matter that may be an emergency: what the model hears of danger decides."""
    ranking = [{"type": "emergency", "score": 0.7}, {"type": "youth_behaviour", "score": 0.2}]
    told = {"start": 0, "end": len(text), "type": "emergency", "confidence": 0.7}
    prediction = {**told, "ranking": ranking, "evidence": [], "dangers": dangers}
    return assemble(normalize(text), [prediction], facts.gather(text), taxonomy(), Settings())


class TestAssembly:
    def test_fields_of_a_shared_matter(self) -> None:
        result = triage(
            "石排埔心祠堂旁边的路灯坏了，两百来户人走夜路，我叫雷国富，13700001122", "street_light"
        )
        (request,) = result["requests"]
        assert request["fields"] == {
            "town": "441900104", "village": "441900104212", "place_candidates": [], "address": "祠堂旁边",
            "contact_name": "雷国富", "contact_phone": "13700001122", "on_behalf": False,
            "beneficiaries": 200, "amount_cny": None, "groups": [],
        }  # fmt: skip
        assert request["missing"] == []
        assert not request["needs_person"]

    def test_what_is_missing(self) -> None:
        (request,) = triage("村口路灯坏了", "street_light")["requests"]
        assert request["missing"] == ["village", "contact_phone"]

    def test_two_requests_share_the_contact(self) -> None:
        result = triage(
            "村口路灯不亮，另外我妈瘫痪在床想申请护理床，13700001122",
            "street_light",
            "eldercare_aid",
        )
        assert [r["type"] for r in result["requests"]] == ["street_light", "eldercare_aid"]
        assert {r["fields"]["contact_phone"] for r in result["requests"]} == {"13700001122"}

    def test_parts_of_one_type_are_one_request(self) -> None:
        result = triage("村口路灯不亮，另外巷尾的灯也坏了没人修", "street_light", "street_light")
        assert len(result["requests"]) == 1

    def test_low_confidence_goes_to_a_person(self) -> None:
        (request,) = triage("村口路灯坏了", "street_light", confidence=0.3)["requests"]
        assert request["needs_person"]

    def test_nothing_sensitive_in_the_texts(self) -> None:
        text = "隔壁何婆婆要张轮椅，身份证号110105194912310021，打我13700001122"
        result = triage(text, "living_aid")
        (request,) = result["requests"]
        for written in (request["summary"], request["description"]):
            assert "1101" not in written
            assert "1370" not in written
        assert [item["kind"] for item in result["sensitive"]] == ["id_card", "phone"]

    def test_an_emergency_without_a_sign_still_alarms(self) -> None:
        (alert,) = triage("快派人来我家", "emergency")["alerts"]
        assert (alert["kind"], alert["advice"]) == ("medical", "120")

    def test_an_unsure_emergency_without_a_sign_is_none(self) -> None:
        result = unsure("孩子被欺负，不肯上学", {"crime": 0.2, "self_harm": 0.05})
        assert (result["alerts"], result["requests"][0]["type"]) == ([], "youth_behaviour")

    def test_what_is_told_of_long_ago_must_be_surer(self) -> None:
        heard = {"crime": 0.4}
        assert unsure("孩子被人堵在巷子里", heard)["alerts"]
        assert not unsure("去年孩子被人堵在巷子里", heard)["alerts"]

    def test_two_services_are_named_where_both_are_likely(self) -> None:
        result = unsure("两拨人，有个倒下了", {"crime": 0.7, "medical": 0.5, "fire": 0.1})
        assert [alert["advice"] for alert in result["alerts"]] == ["110", "120"]

    def test_a_cry_for_help_is_no_crime_where_the_model_hears_what_it_is(self) -> None:
        heard = unsure("救命啊，锅里的油", {"fire": 0.8})
        assert [alert["kind"] for alert in heard["alerts"]] == ["fire"]
        assert triage("救命啊这路灯都坏了三个月了", "street_light", confidence=0.97)["alerts"] == []
        assert triage("救命啊！", "other_matter", confidence=0.4)["alerts"]

    def test_no_request_no_words(self) -> None:
        assert triage("") == {"requests": [], "alerts": [], "sensitive": []}
