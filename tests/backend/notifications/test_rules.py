"""Which text tells of a step, when it goes out, and what it says."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from backend.cases.models import Case
from backend.cases.rules import PROJECT, STEPS, WISH, Status
from backend.channels.sms import channel as sms_channel
from backend.channels.sms.segments import segments
from backend.channels.sms.templates import REPLY
from backend.channels.sms.templates import templates as sms_templates
from backend.core.clock import SHANGHAI
from backend.notifications.rendering import Told, render, texts
from backend.notifications.rules import Happening, quiet_until, send_after, template_of
from backend.taxonomy.service import taxonomy

S = Status
_CHANNEL = Path(sms_channel.__file__).read_text("utf-8")


def at(hour: int, minute: int = 0, day: int = 3) -> datetime:
    """A moment in November 2026 in Dongguan."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def step(origin: Status | None, to: Status, note: str | None = None) -> Happening:
    """A transition."""
    return Happening("transition", origin, to, note)


def recorded(origin: Status, to: Status, **fields: str) -> Happening:
    """A transition with what staff recorded."""
    return Happening("transition", origin, to, None, fields)


def case(status: Status = S.DELIBERATION, *, has_due: bool = True, **place: str) -> Case:
    """A street light, somewhere."""
    return Case(
        **place,
        case_no="WSS26110300014",
        category=PROJECT,
        group="convenience_works",
        type="street_light",
        status=status.value,
        created_at=at(10),
        updated_at=at(10),
        due_at=at(23, day=18) if has_due else None,
        due_provisional=False,
    )


class TestTemplates:
    @pytest.mark.parametrize(
        ("event", "template"),
        [
            (Happening("created"), "filed_weishishi"),
            (step(S.RECEIVED, S.DELIBERATION), "deliberation"),
            (step(S.REVIEW, S.DELIBERATION), "review_returned"),
            (step(S.PUBLICITY, S.DELIBERATION), "review_returned"),
            (step(S.SUSPENDED, S.DELIBERATION), "resumed"),
            (step(S.SUSPENDED, S.WITHDRAWN), "withdrawn"),
            (step(S.REFERRED, S.RECEIVED), "returned"),
            (step(S.COMPLETED, S.FEEDBACK), "feedback"),
            (Happening("note", note="周五有人上门"), "note"),
            (Happening("note"), None),
            (Happening("deadline_extended", note="勘查"), "extended"),
            (Happening("call_missed"), "callback_missed"),
            (Happening("danger"), "danger"),
            (recorded(S.RECEIVED, S.DELIBERATION, meeting_on="2026-11-13"), "meeting_fixed"),
            (recorded(S.REDO, S.DELIBERATION, meeting_place="党群服务中心"), "deliberation"),
            (recorded(S.SUSPENDED, S.DELIBERATION, meeting_on="2026-11-13"), "resumed"),
            (Happening("supplement"), None),
            (Happening("deadline_paused"), None),
        ],
    )
    def test_an_event_has_its_text(self, event: Happening, template: str | None) -> None:
        assert template_of(PROJECT, event) == template

    @pytest.mark.parametrize("channel", ["webchat", "wechat", "sms"])
    @pytest.mark.parametrize("has_due", [True, False], ids=["due", "no due"])
    def test_every_step_of_the_table_can_be_told_on_every_channel(
        self, channel: str, has_due: bool
    ) -> None:
        for rule in STEPS:
            for origin in rule.origins:
                event = step(origin, rule.to, "已更换路灯三盏")
                told = Told(case(rule.to, has_due=has_due), [event], "WSS26110300022")
                rendered = render(told, channel)
                if template_of(rule.category, event) is None:
                    assert rendered is None
                    continue
                assert rendered is not None
                assert "WSS26110300014" in rendered.text
                assert "{" not in rendered.text
                if channel == "sms":
                    assert rendered.text.startswith("【莞家】")
                    assert segments(rendered.text) <= 2

    def test_chat_and_text_messages_know_the_same_steps(self) -> None:
        shared = set(texts()) & set(sms_templates().by_name)
        assert {f"filed_{c}" for c in (PROJECT, WISH, "out_of_scope")} <= shared
        assert set(texts()) - shared == {"steps_open"}

    def test_every_registered_text_is_sent_by_something(self) -> None:
        steps = {
            template_of(rule.category, recorded(origin, rule.to, **fields))
            for rule in STEPS
            for origin in rule.origins
            for fields in ({}, {"meeting_on": "2026-11-13"})
        }
        notices = steps | {
            n for n in texts() if n.startswith(("filed_", "status", "steps", "redo"))
        }
        others = {"note", "extended", "resumed", "callback_missed", "danger", REPLY}
        answers = set(re.findall(r'notice\("(\w+)"|"(rated\w*|opted_\w+|help)"', _CHANNEL))
        said = {name for pair in answers for name in pair if name}
        promised = {name for name in sms_templates().by_name if name.startswith("desk_")}
        assert set(sms_templates().by_name) <= notices | others | said | promised


class TestWhoHandlesIt:
    PLACE: ClassVar = {"town": "441900119", "village": "441900119011"}

    def read(self, told: Told, channel: str = "webchat") -> str:
        rendered = render(told, channel)
        assert rendered is not None
        return rendered.text

    @pytest.mark.parametrize("channel", ["webchat", "wechat", "sms"])
    @pytest.mark.parametrize(
        ("event", "said"),
        [
            (step(S.RECEIVED, S.DELIBERATION), "上沙社区正在组织协商"),
            (step(S.DELIBERATION, S.REVIEW), "提交长安镇审核"),
            (step(S.RECEIVED, S.VERIFICATION), "上沙社区正在核查"),
            (step(S.REFERRED, S.RECEIVED), "上沙社区继续办理"),
            (step(S.REVIEW, S.DELIBERATION), "上沙社区会再组织协商"),
            (recorded(S.RECEIVED, S.REFERRED, department="市水务局"), "已转给市水务局办理"),
            (recorded(S.RECEIVED, S.REFERRED, department="441900119"), "已转给长安镇办理"),
            (recorded(S.POLICY_CHECK, S.POLICY_HANDLING, department="民政局"), "已交民政局办理"),
        ],
    )
    def test_is_named_where_it_is_known(self, channel: str, event: Happening, said: str) -> None:
        told = Told(case(Status(event.to_status or ""), **self.PLACE), [event])
        assert said in self.read(told, channel)

    @pytest.mark.parametrize(
        ("event", "said"),
        [
            (step(S.RECEIVED, S.DELIBERATION), "村（社区）正在组织协商"),
            (step(S.DELIBERATION, S.REVIEW), "提交镇街审核"),
            (step(S.RECEIVED, S.REFERRED), "已转给有关部门办理"),
        ],
    )
    def test_else_in_general_words(self, event: Happening, said: str) -> None:
        assert said in self.read(Told(case(Status(event.to_status or "")), [event]))

    def test_a_town_stands_in_for_its_village(self) -> None:
        told = Told(case(town="441900119"), [step(S.RECEIVED, S.DELIBERATION)])
        assert "长安镇正在组织协商" in self.read(told)

    def test_a_long_name_is_cut_in_a_text_message(self) -> None:
        event = recorded(S.RECEIVED, S.REFERRED, department="市" * 60)
        text = self.read(Told(case(S.REFERRED), [event]), "sms")
        assert segments(text) <= 2


class TestMeeting:
    PLACE: ClassVar = TestWhoHandlesIt.PLACE

    @pytest.mark.parametrize("channel", ["webchat", "sms"])
    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            (
                {"meeting_place": "党群服务中心二楼"},
                "定于11月13日（星期五）在党群服务中心二楼开协商会",
            ),
            ({}, "定于11月13日（星期五）在上沙社区开协商会"),
        ],
    )
    def test_day_and_room_are_told(self, channel: str, fields: dict[str, str], said: str) -> None:
        event = recorded(S.RECEIVED, S.DELIBERATION, meeting_on="2026-11-13", **fields)
        rendered = render(Told(case(**self.PLACE), [event]), channel)
        assert rendered is not None
        assert said in rendered.text

    def test_also_where_the_policy_was_looked_up_just_before(self) -> None:
        fixed = recorded(S.POLICY_CHECK, S.DELIBERATION, meeting_on="2027-01-08")
        told = Told(case(**self.PLACE), [step(S.RECEIVED, S.POLICY_CHECK), fixed])
        rendered = render(told, "sms")
        assert rendered is not None
        assert rendered.template == "meeting_fixed"
        assert "2027年1月8日（星期五）" in rendered.text


class TestMerging:
    def test_several_steps_are_one_text(self) -> None:
        events = [step(S.RECEIVED, S.POLICY_CHECK), step(S.POLICY_CHECK, S.DELIBERATION)]
        rendered = render(Told(case(), events), "webchat")
        assert rendered is not None
        label = taxonomy().label("street_light")
        assert rendered.text == (
            f"您的{label}（WSS26110300014）有 2 步进展：政策核对中→协商中。\n"
            "现在是“协商中”，11月18日前有下一步结果。"
        )

    def test_what_asks_or_explains_is_said_in_full(self) -> None:
        events = [
            step(S.SETTLEMENT, S.COMPLETED, "已换灯"),
            step(S.COMPLETED, S.FEEDBACK, "路灯亮了"),
        ]
        rendered = render(Told(case(S.FEEDBACK, has_due=False), events), "webchat")
        assert rendered is not None
        assert "路灯亮了" in rendered.text
        assert "请回复 1 到 5" in rendered.text
        assert [b.title for b in rendered.reply.buttons] == ["满意", "不满意", "没解决"]


class TestWeChat:
    def test_fields_are_at_most_twenty_characters(self) -> None:
        rendered = render(Told(case(), [step(S.RECEIVED, S.DELIBERATION)]), "wechat")
        assert rendered is not None
        assert rendered.reply.notice is not None
        assert rendered.reply.notice.template == "case_step"
        assert set(rendered.reply.notice.variables) == {"case_no", "matter", "step", "at"}
        assert all(0 < len(v) <= 20 for v in rendered.reply.notice.variables.values())


class TestQuietHours:
    @pytest.mark.parametrize(
        ("now", "until"),
        [
            (at(20, 59), None),
            (at(21), at(8, day=4)),
            (at(23, 59), at(8, day=4)),
            (at(0, day=4), at(8, day=4)),
            (at(7, 59), at(8)),
            (at(8), None),
            (at(12), None),
        ],
    )
    def test_go_from_nine_to_eight_over_midnight(
        self, now: datetime, until: datetime | None
    ) -> None:
        assert quiet_until(now, 21, 8) == until

    def test_may_lie_within_a_day_or_not_be_at_all(self) -> None:
        assert quiet_until(at(13), 12, 14) == at(14)
        assert quiet_until(at(14), 12, 14) is None
        assert quiet_until(at(13), 8, 8) is None


class TestTime:
    def test_a_receipt_goes_at_once_and_a_step_waits_for_the_next(self) -> None:
        assert send_after("created", at(10), 60) == at(10)
        assert send_after("danger", at(10), 60) == at(10)
        assert send_after("transition", at(10), 60) == at(10) + timedelta(hours=1)
