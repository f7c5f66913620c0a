"""Danger beside an open draft: stayed with, never repeated, and left again."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from actions.conversation import Conversation, answer
from actions.errors import BackendDown
from actions.hearing import heard
from actions.help.actions import ActionAnswer, ActionDanger
from actions.help.danger import Danger, mourns, raised, refuses_police
from actions.intake.actions import ActionIntake
from actions.intake.draft import Contact, Draft, Item
from actions.saying import Say
from tests.actions.turns import SHANGSHA, phone, place, request, turn


class Tasks:
    """Stands in for the backend: keeps the call-backs."""

    def __init__(self) -> None:
        self.tasks: list[dict[str, Any]] = []

    async def create_callback(self, task: dict[str, Any]) -> dict[str, Any]:
        """Keeps the task."""
        self.tasks.append(task)
        return {"id": 1}


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> Tasks:
    """The backend of every part."""
    kept = Tasks()
    for module in ("conversation", "help.actions", "intake.actions"):
        monkeypatch.setattr(f"actions.{module}.backend", lambda: kept)
    return kept


def danger(text: str, kind: str, at: str = "", **facts: Any) -> Any:
    """A turn with one alert, its sign at the words `at`."""
    said = turn(text, "danger", **facts)
    start = text.index(at) if at else 0
    alert = {"kind": kind, "start": start, "end": start + 1, "advice": "110"}
    return type(said)(**{**vars(said), "alerts": (alert,)})


def draft(asked: str = "location") -> Draft:
    """A street light, at this question."""
    item = Item(
        "路灯坏了", "weishishi", "street_light", village=SHANGSHA if asked != "location" else None
    )
    return Draft(id="d1", items=[item], contact=Contact(), asked=asked)


async def hear(said: Any, open_draft: Draft) -> list[str]:
    """What is said, heard as the assistant would."""
    meant = heard(said, open_draft)
    part: Conversation = ActionIntake()
    if meant.intent == "danger":
        part = ActionDanger()
    elif meant.aside:
        part = ActionAnswer()
    return [s.response for s in await answer(part, open_draft, meant)]


def names(sayings: list[Say]) -> list[str]:
    """The responses."""
    return [saying.response for saying in sayings]


@pytest.mark.parametrize(
    ("text", "kind", "response"),
    [
        ("叔叔晚上摸我", "crime", "utter_danger_abuse"),
        ("孩子走丢了", "crime", "utter_danger_missing"),
        ("楼上老人敲门没人应", "crime", "utter_danger_no_answer"),
        ("拿照片威胁我", "crime", "utter_danger_blackmail"),
        ("被骗了三万，刚转过去", "crime", "utter_danger_fraud"),
        ("他在砸门", "crime", "utter_danger_crime"),
        ("电线掉下来了，地上有水", "fire", "utter_danger_electricity"),
        ("电梯困住人了", "fire", "utter_danger_trapped"),
        ("煤气味好浓", "fire", "utter_danger_gas"),
        ("楼下着火了", "fire", "utter_danger_fire"),
        ("有人落水了", "medical", "utter_danger_water"),
        ("我爸突然晕倒了", "medical", "utter_danger_medical"),
    ],
)
def test_the_sentence_fits_the_danger(text: str, kind: str, response: str) -> None:
    assert names(raised(Danger(), danger(text, kind))) == [response]


@pytest.mark.parametrize(
    ("text", "they"),
    [("我不想活了", None), ("我女儿说不想活了", "她"), ("他站在天台不想活", "他"), ("我妈走后我不想活了", None)],
)  # fmt: skip
def test_whose_life_it_is(text: str, they: str | None) -> None:
    told = Danger()
    said = raised(told, danger(text, "self_harm", "不想活"))
    assert told.they == they
    assert names(said) == ["utter_danger_self_harm" + ("_other" if they else "")]


async def test_the_draft_and_its_question_live_through_danger(tasks: Tasks) -> None:
    open_draft = draft()
    await hear(danger("楼下着火了", "fire"), open_draft)
    assert (open_draft.asked, len(open_draft.items)) == ("location", 1)
    said = await hear(turn("长安上沙", places=[place()]), open_draft)
    assert said == ["utter_ask_phone"]
    assert open_draft.danger is None


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(turn("已经灭了", "withdraw"), id="it is out"),
        pytest.param(turn("那路灯呢", "faq_whats_next", requests=[request("street_light")]), id="the matter"),
        pytest.param(turn("没事，随便说说", "skip"), id="it was nothing"),
        pytest.param(turn("他好了", "affirm"), id="he is well"),
    ],
)  # fmt: skip
async def test_who_is_safe_comes_back_to_the_question(tasks: Tasks, said: Any) -> None:
    open_draft = draft()
    await hear(danger("楼下着火了", "fire"), open_draft)
    assert (await hear(said, open_draft))[-1] == "utter_ask_location"
    assert open_draft.danger is None


class TestAnotherMatter:
    """Told while danger lasts: it goes on, and behind what comes first."""

    LIGHT = turn("村口路灯坏了", "report", requests=[request("street_light")])

    @pytest.mark.parametrize(
        ("text", "kind", "first"),
        [
            ("继父晚上摸我女儿", "crime", "utter_danger_first"),
            ("孩子走丢了", "crime", "utter_danger_first"),
            ("我爸突然晕倒了", "medical", "utter_danger_first"),
            ("电梯困住人了", "fire", "utter_danger_first"),
            ("我不想活了", "self_harm", "utter_danger_first_heart"),
        ],
    )
    async def test_comes_after_the_number_and_the_promise_of_a_call(
        self, tasks: Tasks, text: str, kind: str, first: str
    ) -> None:
        empty = Draft()
        await hear(danger(text, kind), empty)
        said = await hear(self.LIGHT, empty)
        assert said[:3] == [first, "utter_danger_ring_back_no_phone", "utter_understood_weishishi"]
        assert text in tasks.tasks[-1]["text"]

    async def test_is_not_held_up_again(self, tasks: Tasks) -> None:
        empty = Draft()
        await hear(danger("继父晚上摸我女儿", "crime"), empty)
        await hear(self.LIGHT, empty)
        assert await hear(turn("长安上沙", places=[place()]), empty) == ["utter_ask_phone"]

    async def test_says_which_number_will_be_rung(self, tasks: Tasks) -> None:
        empty = Draft()
        await hear(danger("他在砸门", "crime", phones=[phone()]), empty)
        assert "utter_danger_ring_back" in await hear(self.LIGHT, empty)
        known = Draft()
        await hear(danger("他在砸门", "crime"), known)
        by_text = type(self.LIGHT)(**{**vars(self.LIGHT), "number_known": True})
        assert "utter_danger_ring_back_same_phone" in await hear(by_text, known)

    async def test_brings_the_number_that_is_told_for_it_to_the_call(self, tasks: Tasks) -> None:
        empty = Draft()
        await hear(danger("继父晚上摸我女儿", "crime"), empty)
        await hear(self.LIGHT, empty)
        await hear(turn("长安上沙", places=[place()]), empty)
        before = len(tasks.tasks)
        await hear(turn("13800001234", phones=[phone()]), empty)
        await hear(turn("是", "affirm", phones=[phone("13900001234")]), empty)
        (task,) = tasks.tasks[before:]
        assert (task["reason"], task["phone"]) == ("danger", "13800001234")
        assert "摸我女儿" in task["text"]

    async def test_promises_no_call_that_could_not_be_recorded(
        self, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        empty = Draft()
        await hear(danger("继父晚上摸我女儿", "crime"), empty)

        async def down(task: dict[str, Any]) -> dict[str, Any]:
            raise BackendDown

        monkeypatch.setattr(tasks, "create_callback", down)
        said = await hear(self.LIGHT, empty)
        assert said[:2] == ["utter_danger_first", "utter_understood_weishishi"]

    async def test_a_new_danger_is_answered_in_full(self, tasks: Tasks) -> None:
        empty = Draft()
        await hear(danger("继父晚上摸我女儿", "crime"), empty)
        await hear(self.LIGHT, empty)
        said = await hear(danger("他又摸我女儿", "crime"), empty)
        assert said == ["utter_danger_abuse", "utter_danger_passed_on"]
        assert "晚上摸我女儿" in tasks.tasks[-1]["text"]
        assert await hear(turn("我好怕"), empty) == ["utter_danger_stay_safe"]

    async def test_goes_straight_on_where_only_a_place_was_in_danger(self, tasks: Tasks) -> None:
        empty = Draft()
        await hear(danger("楼下着火了", "fire"), empty)
        assert (await hear(self.LIGHT, empty))[0] == "utter_understood_weishishi"
        assert empty.danger is None


async def test_no_paragraph_twice_and_every_word_is_kept(tasks: Tasks) -> None:
    empty, said = Draft(), []
    said += await hear(danger("我被骗了八万，不想活了", "self_harm", "不想活"), empty)
    for words in ("我好难受", "没人理我", "再见", "嗯"):
        said += await hear(turn(words, "goodbye" if words == "再见" else "inform"), empty)
    assert said[:2] == ["utter_danger_self_harm", "utter_danger_passed_on"]
    assert all(one != other for one, other in pairwise(said))
    assert "utter_goodbye" not in said
    assert "八万" in tasks.tasks[-1]["text"]
    assert "没人理我" in tasks.tasks[-1]["text"]


async def test_a_number_told_in_danger_goes_to_the_task(tasks: Tasks) -> None:
    empty = Draft()
    await hear(danger("他在砸门", "crime"), empty)
    await hear(turn("13800001234", phones=[phone()]), empty)
    assert tasks.tasks[-1]["phone"] == "13800001234"


@pytest.mark.parametrize("intent", ["cancel", "withdraw"])
async def test_not_to_call_the_police_takes_nothing_back(tasks: Tasks, intent: str) -> None:
    assert refuses_police(turn("我不想报警", intent))
    empty = Draft()
    await hear(danger("继父摸我", "crime"), empty)
    assert await hear(turn("我不想报警", intent), empty) == ["utter_danger_no_police"]


def test_an_alert_of_the_machine_alone_is_danger() -> None:
    said = danger("小孩不行了", "medical")
    assert heard(type(said)(**{**vars(said), "intent": "report"}), Draft()).intent == "danger"


@pytest.mark.parametrize(
    "text", ["他走了…", "我妈昨晚走了 想问丧葬补贴", "老伴上个月过世了", "我姐三年前自杀走了"]
)
def test_a_death_is_heard(text: str) -> None:
    assert mourns(turn(text))


@pytest.mark.parametrize(
    "text", ["施工队走了", "孩子走了三里路", "我走了，再见", "老人走路摔倒", "他走了，路还没修"]
)
def test_who_only_left_is_not_mourned(text: str) -> None:
    assert not mourns(turn(text))


async def test_a_death_is_never_answered_with_a_farewell(tasks: Tasks) -> None:
    said = await hear(turn("他走了…", "goodbye"), Draft())
    assert said == ["utter_condolence", "utter_condolence_help"]


async def test_where_it_is_told_in_danger_is_not_asked_again(tasks: Tasks) -> None:
    talk = Draft()
    await hear(danger("有人打架，在长安上沙菜市场", "crime", places=[place()]), talk)
    said = await hear(turn("那里的路灯也坏了", "report", requests=[request("street_light")]), talk)
    assert talk.items[0].village == SHANGSHA
    assert not any(name.startswith("utter_ask_location") for name in said)
