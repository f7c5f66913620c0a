"""Every clock of the programme, one row each, quoted with its clause.

Source: 东府办〔2020〕22号《东莞市打造“民生大莞家”品牌项目实施方案》. Rows marked ``local`` are this
installation's decisions where the plan gives no number or no start; screens show them as 本地设置.
"""

import calendar
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal

from backend.core.clock import SHANGHAI, local_date
from backend.deadlines.calendar import WorkCalendar
from backend.deadlines.published import published_calendar

Unit = Literal["日", "工作日", "个月"]


class Event(StrEnum):
    """What starts a clock."""

    PROJECT_RECEIVED = "project_received"
    PLAN_SUBMITTED = "plan_submitted"
    WISH_RECEIVED = "wish_received"
    WISH_DECIDED = "wish_decided"
    WORKS_CONFIRMED = "works_confirmed"
    SERVICE_CONFIRMED = "service_confirmed"
    DIRECT_CONFIRMED = "direct_confirmed"
    CLAIM_PUBLISHED = "claim_published"
    CLAIMED = "claimed"
    PUBLICITY_STARTED = "publicity_started"
    COMPLETED = "completed"
    RATED_LOW = "rated_low"


@dataclass(frozen=True, slots=True)
class Rule:
    """One clock: after ``event`` (said as ``verb``) there are ``length`` ``unit`` for ``what``."""

    event: Event
    verb: str
    what: str
    length: int
    unit: Unit
    clause: str
    local: str | None = None
    at_least: bool = False
    """True where the length is a minimum to wait, not a time to finish in."""


RULES: dict[Event, Rule] = {
    rule.event: rule
    for rule in (
        Rule(
            Event.PROJECT_RECEIVED, "接收", "召开协商会议", 15, "日",
            "自接收之日起15日内…召开城乡社区协商会议",
        ),
        Rule(
            Event.PLAN_SUBMITTED, "提交实施方案", "完成审核", 5, "工作日",
            "5个工作日内对…实施方案进行审核",
        ),
        Rule(
            Event.WISH_RECEIVED, "接收", "完成核查", 3, "工作日",
            "属地核查…真实性、合理性和资金预算", local="核查期限方案未规定",
        ),
        Rule(
            Event.WISH_DECIDED, "确定办理", "办理完毕", 5, "工作日",
            "经确定的“民生微心愿”项目办理时间不超过5个工作日",
        ),
        Rule(
            Event.WORKS_CONFIRMED, "审核确认", "完工", 6, "个月",
            "便民工程项目应在6个月内完工", local="起算日为镇街审核确认之日",
        ),
        Rule(
            Event.SERVICE_CONFIRMED, "审核确认", "正式开展", 15, "日",
            "公益服务项目应在15日内正式开展", local="起算日为镇街审核确认之日",
        ),
        Rule(
            Event.DIRECT_CONFIRMED, "确认", "公布项目信息", 10, "工作日",
            "在…确认后10个工作日内…公布项目信息",
        ),
        Rule(
            Event.CLAIM_PUBLISHED, "公布", "等候认领", 30, "日",
            "经公布后无社会力量认领的项目，纳入“民生大莞家”专项资金按相关流程办理",
            local="等候认领的时间方案未规定",
        ),
        Rule(
            Event.CLAIMED, "认领", "启动", 1, "个月",
            "做好承接方与受助方的对接工作，并于1个月内启动",
        ),
        Rule(
            Event.PUBLICITY_STARTED, "开始公示", "公示期满", 5, "日",
            "公示时间不少于5天", at_least=True,
        ),
        Rule(
            Event.COMPLETED, "办结", "反馈给您", 5, "工作日",
            "办结之日起5个工作日内…反馈至项目提出者",
        ),
        Rule(
            Event.RATED_LOW, "收到不满意评价", "完成回访", 3, "工作日",
            "首问负责、限时办结、及时回访", local="回访期限方案未规定",
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LocalRules:
    """The installation's own numbers where the plan has none."""

    verification_working_days: int = 3
    claim_wait_days: int = 30
    follow_up_working_days: int = 3
    roll_forward: bool = False

    def apply(self, rule: Rule) -> Rule:
        """The rule with this installation's length."""
        lengths = {
            Event.WISH_RECEIVED: self.verification_working_days,
            Event.CLAIM_PUBLISHED: self.claim_wait_days,
            Event.RATED_LOW: self.follow_up_working_days,
        }
        return replace(rule, length=lengths.get(rule.event, rule.length))


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which a clock stood: the first day not counted, the first counted again."""

    first: date
    resumed: date


@dataclass(frozen=True, slots=True)
class Changes:
    """What an approver did to one clock: pauses that are over, and further days granted.

    ``extra_days`` are working days where the rule counts those, calendar days elsewhere.
    """

    pauses: tuple[Pause, ...] = ()
    extra_days: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline: the end of its last day in Dongguan, and how it came about."""

    event: Event
    what: str
    at: datetime
    basis: str
    provisional: bool
    clause: str
    local: str | None
    started: datetime
    verb: str | None = None


def due(
    event: Event,
    start: datetime,
    *,
    work: WorkCalendar | None = None,
    local: LocalRules | None = None,
    verb: str | None = None,
    changes: Changes | None = None,
) -> Due:
    """The deadline that ``event`` at ``start`` (aware) sets.

    The day after the event is day 1. 日 are calendar days, 工作日 follow the yearly notice, 月 is the
    same day of the month clipped to its last. A deadline in a year without a notice is provisional.
    Without ``work`` the published notices count, without what operators changed.
    """
    work = work or published_calendar()
    local = local or LocalRules()
    changes = changes or Changes()
    rule = local.apply(RULES[event])
    begin = local_date(start)
    end, paused_days = _changed(rule, begin, work, changes)
    if local.roll_forward and rule.unit != "工作日" and not rule.at_least:
        end = work.next_workday(end)
    return Due(
        event=event,
        what=rule.what,
        at=end_of(end),
        basis=explain(rule, begin, end, verb, _said(rule, changes, paused_days)),
        provisional=not work.has_notice(end.year),
        clause=rule.clause,
        local=rule.local,
        started=start,
        verb=verb,
    )


def end_of(day: date) -> datetime:
    """The last second of a day in Dongguan."""
    return datetime.combine(day, time(23, 59, 59), SHANGHAI)


def explain(rule: Rule, begin: date, end: date, verb: str | None = None, changed: str = "") -> str:
    """11月3日接收，15日内召开协商会议 → 11月18日."""
    unit = "个工作日" if rule.unit == "工作日" else rule.unit
    span = f"不少于{rule.length}{unit}后" if rule.at_least else f"{rule.length}{unit}内"
    started = chinese_date(begin) + (verb or rule.verb)
    return f"{started}，{span}{rule.what}{changed} → {chinese_date(end, since=begin)}"


def _said(rule: Rule, changes: Changes, paused_days: int) -> str:
    """，延长5日，暂停3日; empty where nothing was changed."""
    unit = "个工作日" if rule.unit == "工作日" else "日"
    parts = (("延长", changes.extra_days), ("暂停", paused_days))
    return "".join(f"，{verb}{days}{unit}" for verb, days in parts if days)


def _changed(rule: Rule, begin: date, work: WorkCalendar, changes: Changes) -> tuple[date, int]:
    """The last day with extension and pauses, and how many counted days the pauses took."""
    end = _later(rule, _last_day(rule, begin, work), changes.extra_days, work)
    paused = 0
    for pause in sorted(changes.pauses, key=lambda pause: pause.first):
        lost = _lost_days(rule, begin, end, pause, work)
        end, paused = _later(rule, end, lost, work), paused + lost
    return end, paused


def _lost_days(rule: Rule, begin: date, end: date, pause: Pause, work: WorkCalendar) -> int:
    """How many counted days of the clock a pause took; none if it came after the end."""
    if pause.first > end:
        return 0
    before = max(pause.first, begin + timedelta(days=1)) - timedelta(days=1)
    last = pause.resumed - timedelta(days=1)
    if last <= before:
        return 0
    if rule.unit == "工作日":
        return work.workdays_between(before, last)
    return (last - before).days


def _later(rule: Rule, day: date, days: int, work: WorkCalendar) -> date:
    if rule.unit == "工作日":
        return work.add_workdays(day, days)
    return day + timedelta(days=days)


def chinese_date(day: date, since: date | None = None) -> str:
    """11月18日, with the year where it is another than ``since``'s."""
    year = f"{day.year}年" if since and since.year != day.year else ""
    return f"{year}{day.month}月{day.day}日"


def _last_day(rule: Rule, begin: date, work: WorkCalendar) -> date:
    if rule.unit == "日":
        return begin + timedelta(days=rule.length)
    if rule.unit == "个月":
        return _add_months(begin, rule.length)
    return work.add_workdays(begin, rule.length)


def _add_months(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
