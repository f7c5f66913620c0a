"""What was told in one channel goes on in another: as it stood, after proof, and filed once."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from typing import Any

import pytest

from actions.conversation import Conversation
from actions.errors import BackendDown, BackendRefused
from actions.hearing import heard
from actions.help.actions import ActionAnswer
from actions.intake.actions import ActionIntake
from actions.intake.draft import Contact, Draft, Item
from tests.actions.turns import CHANGAN, SHANGSHA, phone, turn

CODE = "483920"
PHONE = "13800001234"


class Backend:
    """Stands in for the backend: keeps one draft, hands it over, files each key once."""

    def __init__(self) -> None:
        self.drafts: dict[str, dict[str, Any]] = {}
        self.left: dict[tuple[str, str], str] = {}
        self.cases: dict[str, dict[str, Any]] = {}
        self.code: str | None = None
        self.offers = 1
        self.down = False
        self.asked: list[str] = []

    def _called(self, what: str) -> None:
        self.asked.append(what)
        if self.down:
            raise BackendDown

    async def keep_draft(self, draft_id: str, body: dict[str, Any]) -> None:
        """Refuses whoever is not the holder."""
        self._called("keep")
        if (draft_id, body["conversation_id"]) in self.left:
            raise BackendRefused(409, "draft_moved")
        self.drafts[draft_id] = body

    async def drop_draft(self, draft_id: str, conversation_id: str) -> None:
        """Forgets it."""
        self._called("drop")
        self.drafts.pop(draft_id, None)

    async def draft_whereabouts(self, draft_id: str, conversation_id: str) -> dict[str, Any]:
        """Where it went on."""
        self._called("whereabouts")
        return {"moved_to": self.left.get((draft_id, conversation_id))}

    async def draft_code(self, draft_id: str, conversation_id: str) -> dict[str, Any]:
        """One code."""
        self._called("code")
        self.code = CODE
        return {"code": CODE}

    async def take_draft(self, taking: dict[str, Any]) -> dict[str, Any]:
        """By the code, or by the number."""
        self._called("take")
        if not self.drafts or taking["code"] not in (None, self.code):
            raise BackendRefused(404, "draft_not_found")
        ((draft_id, body),) = self.drafts.items()
        self.code = None
        self.left[draft_id, body["conversation_id"]] = taking["channel"]
        self.drafts[draft_id] = {**body, "conversation_id": taking["conversation_id"]}
        return {"draft_id": draft_id, "channel": body["channel"], "draft": body["draft"]}

    async def offer_draft(self, conversation_id: str) -> dict[str, Any]:
        """What is open, as often as it is offered."""
        self._called("offer")
        if not self.drafts or not self.offers:
            return {"offer": None}
        self.offers -= 1
        ((_, body),) = self.drafts.items()
        return {"offer": {name: body[name] for name in ("channel", "type", "words")}}

    async def create_case(self, case: dict[str, Any], key: str) -> dict[str, Any]:
        """The same key files once, and no other body."""
        self._called("file")
        if self.cases.setdefault(key, case) != case:
            raise BackendRefused(409, "idempotency_key_reused")
        return {"case_no": f"WSS2611210001{list(self.cases).index(key)}"}

    async def policy_to_tell(self, text: str, type_: str) -> None:
        """None fits."""


class Place:
    """A conversation as Rasa keeps it: its slot, and the part that it picks."""

    def __init__(self, name: str, channel: str, draft: Draft | None = None) -> None:
        self.name, self.channel = name, channel
        self.slot: dict[str, Any] | None = draft.dump() if draft else None
        self.said: list[tuple[str, dict[str, Any]]] = []

    @property
    def draft(self) -> Draft:
        """What the slot holds."""
        return Draft.load(self.slot)

    def says(
        self,
        text: str,
        intent: str = "inform",
        part: type[Conversation] = ActionIntake,
        **facts: Any,
    ) -> list[str]:
        """One turn; the responses it was answered with."""
        tracker = _Tracker(self, text, intent, facts)
        with closing(asyncio.new_event_loop()) as loop:
            turn_ = part().run(self, tracker, {})  # type: ignore[arg-type]
            events = loop.run_until_complete(turn_)
            while behind := asyncio.all_tasks(loop):
                loop.run_until_complete(asyncio.wait(behind))
        if events:
            self.slot = json.loads(json.dumps(events[0]["value"]))
        said, self.said = self.said, []
        self.values = dict(said)
        return [name for name, _ in said]

    def utter_message(self, response: str, **values: Any) -> None:
        """As the dispatcher."""
        self.said.append((response, values))


class _Tracker:
    def __init__(self, at: Place, text: str, intent: str, facts: dict[str, Any]) -> None:
        self._at = at
        self.sender_id = at.name
        self.latest_message = {
            "text": text,
            "message_id": text,
            "intent": {"name": intent},
            "facts": {"normalized": text, **facts},
            "metadata": {"number_known": at.channel == "sms"},
        }

    def get_slot(self, _: str) -> Any:
        return self._at.slot

    def get_latest_input_channel(self) -> str:
        return self._at.channel


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    """The backend of every part."""
    kept = Backend()
    for module in ("conversation", "help.actions", "intake.actions", "elsewhere.actions"):
        monkeypatch.setattr(f"actions.{module}.backend", lambda: kept)
    return kept


def light(asked: str = "confirm", **contact: Any) -> Draft:
    """A street light, told, and this question open."""
    item = Item(
        "村口路灯坏了", "weishishi", "street_light", town=CHANGAN, village=SHANGSHA,
        summary="上沙村口路灯坏了三天，晚上看不见路",
    )  # fmt: skip
    return Draft(id="ab" * 12, items=[item], contact=Contact(**contact), asked=asked)


@pytest.fixture
def page() -> Place:
    """The chat page with a draft that gives a number."""
    return Place("page", "webchat", light(phone=PHONE))


class TestWhatIsMeant:
    @pytest.mark.parametrize(
        "said",
        [
            "我换微信接着说", "我换短信接着说吧", "等下用手机再弄", "换个地方接着报", "等下我用微信再说",
            "能不能在微信上继续", "晚点到电脑上再填", "微信上接着办可以吗", "迟啲用手机再搞", "给我续办码",
            "我轉微信繼續講", "换个手机再弄",
        ],
    )  # fmt: skip
    def test_leaving_is_heard_while_something_is_open(self, said: str) -> None:
        assert heard(turn(said, "notice_wish"), light("phone")).intent == "leave_here"
        if "续办码" not in said:
            assert heard(turn(said, "notice_wish"), Draft()).intent == "notice_wish"

    @pytest.mark.parametrize(
        ("said", "intent"),
        [
            ("微信上联系我就行", "skip"), ("以后发短信给我", "notice_wish"),
            ("换个手机号，13800001234", "correct"), ("等下再说", "cancel"),
            ("继续微信通知我", "notice_wish"), ("改成短信发给我", "notice_wish"),
            ("手机没信号也是这里", "supplement"), ("换个方式说，就是灯不亮", "supplement"),
        ],
    )  # fmt: skip
    def test_words_of_channels_alone_are_no_leaving(self, said: str, intent: str) -> None:
        assert heard(turn(said, intent), light("type")).intent == intent

    @pytest.mark.parametrize(
        "said",
        [
            f"接着 {CODE}", f"接着办{CODE}", f"繼續 {CODE}", "接着４８３９２０", "接着 483 920",
            f"接着：{CODE}。谢谢", f"你好，我要接着办 {CODE}", f"“接着 {CODE}”", f"续办码是{CODE}", "接着四八三九二零。", CODE,
        ],
    )  # fmt: skip
    def test_the_code_is_heard_however_it_is_typed(self, said: str) -> None:
        assert heard(turn(said, "nonsense"), Draft()).intent == "take_over"

    @pytest.mark.parametrize("said", ["接着", "继续报", CODE, "村里接着修路483920米"])
    def test_the_same_words_elsewhere_mean_what_they_ever_did(self, said: str) -> None:
        assert heard(turn(said, "inform"), light("phone")).intent == "inform"

    def test_six_digits_that_were_asked_for_are_no_code(self) -> None:
        assert heard(turn(CODE, "inform"), Draft(asked="case_no")).intent == "inform"


@pytest.mark.parametrize("channel", ["sms", "wechat", "webchat"])
class TestByCode:
    def test_the_question_that_was_open_is_asked_where_it_goes_on(
        self, backend: Backend, channel: str
    ) -> None:
        page = Place("page", "webchat", light("location"))
        page.slot["items"][0].update(town=None, village=None)  # type: ignore[index]
        assert page.says("我换个地方接着说") == ["utter_continuation_code"]
        assert page.values["utter_continuation_code"]["code"] == CODE
        there = Place("there", channel)
        assert there.says(f"接着 {CODE}", "nonsense", ActionAnswer) == [
            "utter_taken_over", "utter_taken_over_told", "utter_ask_location",
        ]  # fmt: skip
        assert there.values["utter_taken_over"]["where"] == "网页"
        assert "路灯" in there.values["utter_taken_over_told"]["told"]

    def test_it_is_filed_there_and_not_again_where_it_began(
        self, backend: Backend, page: Place, channel: str
    ) -> None:
        page.says("我换微信接着说")
        there = Place("there", channel)
        read = there.says(f"接着办 {CODE}", "nonsense", ActionAnswer)
        assert read[:2] == ["utter_taken_over", "utter_readback"]
        assert there.values["utter_readback_contact"]["contact"] == PHONE
        assert there.says("是", "affirm")[0] == "utter_filed_weishishi_open"
        assert page.says("是", "affirm") == ["utter_went_on_elsewhere"]
        assert (len(backend.cases), backend.drafts) == (1, {})
        (case,) = backend.cases.values()
        assert (case["conversation_id"], case["contact_phone"]) == ("there", PHONE)
        assert page.says("你好", "greet", ActionAnswer) == ["utter_greet"]


class TestRefused:
    def test_a_wrong_code_and_one_of_five_digits_are_answered_alike(self, backend: Backend) -> None:
        there = Place("there", "wechat")
        assert there.says("接着 111111") == there.says("接着 11111") == ["utter_code_unknown"]

    def test_too_many_tries_are_told_as_such(
        self, backend: Backend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def locked(_: Any) -> Any:
            raise BackendRefused(429, "too_many_tries")

        monkeypatch.setattr(backend, "take_draft", locked)
        assert Place("there", "wechat").says("接着 111111") == ["utter_code_locked"]

    def test_what_is_open_here_comes_first_and_the_code_stays_good(
        self, backend: Backend, page: Place
    ) -> None:
        page.says("我换微信接着说")
        busy = Place("busy", "wechat", Draft(id="cd" * 12, items=light().items, asked="confirm"))
        assert busy.says(f"接着 {CODE}")[0] == "utter_finish_first"
        assert (backend.code, busy.draft.id) == (CODE, "cd" * 12)

    def test_the_code_sent_back_to_where_it_was_told_moves_nothing(
        self, backend: Backend, page: Place
    ) -> None:
        page.says("我换微信接着说")
        assert page.says(f"接着 {CODE}") == ["utter_already_here", "utter_readback_again"]
        assert page.says("是", "affirm")[0] == "utter_filed_weishishi_open"

    def test_without_the_backend_nothing_moves(self, backend: Backend, page: Place) -> None:
        backend.down = True
        assert page.says("我换微信接着说") == ["utter_elsewhere_down"]
        assert Place("there", "sms").says(f"接着 {CODE}") == ["utter_elsewhere_down"]


class TestWhereItBegan:
    def test_another_matter_is_answered_after_the_note(self, backend: Backend, page: Place) -> None:
        page.says("我换微信接着说")
        Place("there", "wechat").says(f"接着 {CODE}")
        assert page.says("谢谢", "thanks", ActionAnswer) == [
            "utter_went_on_elsewhere", "utter_thanks",
        ]  # fmt: skip
        assert page.draft.items == []

    def test_both_saying_yes_at_once_files_once(self, backend: Backend, page: Place) -> None:
        page.says("我换微信接着说")
        there = Place("there", "wechat")
        there.says(f"接着 {CODE}")
        backend.left.clear()  # the page's look came a moment before the draft moved
        assert page.says("是", "affirm")[0] == "utter_filed_weishishi_open"
        assert there.says("是", "affirm")[0] == "utter_filed_already"
        assert len(backend.cases) == 1


class TestByNumber:
    def keeps(self, page: Place) -> None:
        """The page's draft with its number reaches the backend with the next turn."""
        page.says("谢谢", "thanks", ActionAnswer)

    @pytest.mark.parametrize(
        ("words", "intent"), [("接着", "inform"), ("好的", "affirm"), ("接着办", "report")]
    )
    def test_whoever_writes_from_it_is_offered_it_once_and_goes_on_with_a_word(
        self, backend: Backend, page: Place, words: str, intent: str
    ) -> None:
        self.keeps(page)
        texting = Place("texting", "sms")
        assert texting.says("你好", "greet", ActionAnswer) == ["utter_offer_elsewhere"]
        told = texting.values["utter_offer_elsewhere"]
        assert (told["where"], told["type"]) == ("网页", "道路路灯")
        assert told["words"] == "上沙村口路灯坏了三天，晚"
        polarity = {"polarity": "yes"} if intent == "affirm" else {}
        assert texting.says(words, intent, **polarity)[:2] == ["utter_taken_over", "utter_readback"]

    def test_something_else_goes_on_and_it_is_not_offered_again(
        self, backend: Backend, page: Place
    ) -> None:
        self.keeps(page)
        texting = Place("texting", "sms")
        texting.says("你好", "greet", ActionAnswer)
        assert texting.says("几点上班", "faq_hours", ActionAnswer) == ["utter_faq_hours"]
        assert texting.says("好的", "affirm", polarity="yes") == ["utter_at_rest"]

    def test_no_word_of_it_in_another_channel_or_beside_a_question(
        self, backend: Backend, page: Place
    ) -> None:
        self.keeps(page)
        wechat = Place("wechat", "wechat")
        assert wechat.says("你好", "greet", ActionAnswer) == ["utter_greet"]
        asked = Place("texting", "sms", Draft(asked="case_no"))
        assert asked.says("你好", "greet", ActionAnswer) == ["utter_greet", "utter_ask_case_no"]
        assert backend.offers == 1

    def test_nothing_open_is_said_as_such(self, backend: Backend) -> None:
        assert Place("texting", "sms").says("接着") == ["utter_nothing_to_continue"]


class TestKept:
    def test_only_a_draft_with_a_number_or_a_code_is_kept(self, backend: Backend) -> None:
        page = Place("page", "webchat", light("phone"))
        page.says("谢谢", "thanks", ActionAnswer)
        assert backend.asked == []
        page.says(PHONE, "inform", phones=[{**phone(), "start": 0, "end": 11}])
        (kept,) = backend.drafts.values()
        assert (kept["phone"], kept["type"]) == (PHONE, "street_light")
        assert json.loads(kept["draft"])["asked"] == "confirm"

    @pytest.mark.parametrize(("words", "intent"), [("是", "affirm"), ("算了不报了", "cancel")])
    def test_filed_or_dropped_it_is_forgotten(
        self, backend: Backend, page: Place, words: str, intent: str
    ) -> None:
        page.says("谢谢", "thanks", ActionAnswer)
        assert backend.drafts
        page.says(words, intent)
        assert backend.drafts == {}

    def test_danger_waits_for_nothing(self, backend: Backend, page: Place) -> None:
        page.says("谢谢", "thanks", ActionAnswer)
        backend.asked.clear()
        page.says("着火了", "danger", ActionAnswer)
        assert "whereabouts" not in backend.asked

    def test_a_backend_that_is_down_costs_the_talk_nothing(
        self, backend: Backend, page: Place
    ) -> None:
        page.says("谢谢", "thanks", ActionAnswer)
        backend.down = True
        assert page.says("谢谢", "thanks", ActionAnswer) == ["utter_thanks", "utter_readback_again"]
        assert page.draft.items


def test_a_number_that_only_the_first_place_knew_is_asked_for_anew(backend: Backend) -> None:
    told = light(same_phone=True)
    told.tries["phone"] = 2
    texting = Place("texting", "sms", told)
    texting.says("换个地方接着说")
    page = Place("page", "webchat")
    assert page.says(f"接着 {CODE}")[-1] == "utter_ask_phone"
    assert not page.draft.contact.same_phone
