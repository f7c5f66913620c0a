"""The way of a case: statuses, and every allowed step as one table. Pure.

Source of the steps: 东府办〔2020〕22号, quoted by clause; decisions D6 and D7 where it is silent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from backend.core.clock import local_date
from backend.deadlines.rules import Event


class Status(StrEnum):
    """Where a case stands; the Chinese labels are in wording.yml."""

    RECEIVED = "received"
    POLICY_CHECK = "policy_check"
    DELIBERATION = "deliberation"
    REVIEW = "review"
    PUBLICITY = "publicity"
    IMPLEMENTATION = "implementation"
    SETTLEMENT = "settlement"
    VERIFICATION = "verification"
    POLICY_HANDLING = "policy_handling"
    ASSESSMENT = "assessment"
    CLAIM_PENDING = "claim_pending"
    CLAIM_OPEN = "claim_open"
    CLAIMED = "claimed"
    AID = "aid"
    COMPLETED = "completed"
    FEEDBACK = "feedback"
    REFUSED = "refused"
    REFERRED = "referred"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    REDO = "redo"


Actor = Literal["village", "town", "city", "hotline", "citizen", "system"]
"""``system`` acts where a rule of the programme does: a rating that says "not solved"."""
VILLAGE: frozenset[Actor] = frozenset({"village", "town", "city"})
TOWN: frozenset[Actor] = frozenset({"town", "city"})
CITY: frozenset[Actor] = frozenset({"city"})
AGENT: frozenset[Actor] = VILLAGE | {"hotline"}
REPORTER: frozenset[Actor] = AGENT | {"citizen"}
REOPENERS: frozenset[Actor] = VILLAGE | {"system"}

PROJECT, WISH, MATTER = "weishishi", "weixinyuan", "out_of_scope"
_S = Status
_EARLY = (_S.RECEIVED, _S.POLICY_CHECK)
_PLANNING = (*_EARLY, _S.DELIBERATION, _S.REVIEW, _S.POLICY_HANDLING, _S.REFERRED)
_CHECKING = (*_EARLY, _S.VERIFICATION, _S.ASSESSMENT, _S.POLICY_HANDLING, _S.REFERRED)
_CLAIMING = (_S.CLAIM_PENDING, _S.CLAIM_OPEN, _S.CLAIMED)

# What the plan wants recorded (its own words are in step_fields.yml)
MEETING_CALL = ("meeting_on", "meeting_place")
MEETING_RESULT = ("meeting_kind", "meeting_on", "consensus")
PLAN = ("content", "benefiting", "budget_cny", "time_limit", "method", "executor", "necessity")
VERIFIED = ("truthful", "reasonable", "budget_cny")
DECISION = ("method", "aid_cny", "aid_form")
DIRECT = ("aid_cny", "aid_form")
CLAIM_NOTICE = ("public_title", "public_text", "need_cny", "platforms", "privacy")
CLAIM = ("claimant_kind", "claimant")
UNCLAIMED = "经公布后无社会力量认领的项目，纳入“民生大莞家”专项资金按相关流程办理"
DOCKED = "做好承接方与受助方的对接工作，并于1个月内启动"
PUBLICITY = ("content", "place", "time_limit", "budget_cny", "benefiting")

ENDED = frozenset({_S.WITHDRAWN, _S.MERGED, _S.REFUSED})
"""Takes no additions any more."""
FINISHED = frozenset({_S.COMPLETED, _S.FEEDBACK})
"""Can be rated."""
PUBLICITY_DAYS = 5
DANGER = "danger"
"""A public event that is told at any hour and before everything else."""
CALL_MISSED = "call_missed"
"""A public event: staff rang whoever was not content, and nobody answered."""


class Guard(StrEnum):
    """What must hold besides the status and the role; checked by ``guards``."""

    PUBLICITY_OVER = "publicity_over"
    """Five full days of publicity have passed (D6); an upheld objection goes another way."""
    TARGET_NAMED = "target_named"
    """The other case of the same matter is named, and open."""
    CLAIM_WAIT_OVER = "claim_wait_over"
    """Nobody has claimed it in the time that is set for that (D4); counted anew after a return."""
    VERIFIED = "verified"
    """The village has verified the wish before."""


@dataclass(frozen=True, slots=True)
class Step:
    """Allowed changes to one status: from where, by whom, if what holds, under which clause."""

    category: str
    origins: tuple[Status, ...]
    to: Status
    actors: frozenset[Actor]
    clause: str
    needs_note: bool = False
    guard: Guard | None = None
    fields: tuple[str, ...] = ()
    """What is recorded with it: codes of step_fields.yml."""


STEPS: tuple[Step, ...] = (
    # 莞家直达
    *(Step(c, (_S.CLAIM_PENDING,), _S.CLAIM_OPEN, CITY, "在…确认后10个工作日内…公布项目信息",
           fields=CLAIM_NOTICE) for c in (PROJECT, WISH)),
    *(Step(c, (_S.CLAIM_OPEN,), _S.CLAIMED, TOWN, "爱心企业、社会组织、爱心人士等各类主体认领",
           fields=CLAIM) for c in (PROJECT, WISH)),
    # 民生微实事
    Step(PROJECT, (_S.RECEIVED,), _S.POLICY_CHECK, VILLAGE, "现行政策可办理的事项…全部纳入"),
    Step(PROJECT, _EARLY, _S.DELIBERATION, VILLAGE, "15日内…召开城乡社区协商会议",
         fields=MEETING_CALL),
    Step(PROJECT, (_S.POLICY_CHECK,), _S.POLICY_HANDLING, VILLAGE, "现行政策可办理的事项",
         fields=("policy", "department")),
    Step(PROJECT, (_S.POLICY_HANDLING,), _S.DELIBERATION, VILLAGE, "办理后仍不能满足群众诉求的事项"),
    Step(PROJECT, (_S.DELIBERATION,), _S.REVIEW, VILLAGE, "形成项目实施方案，提交至…牵头部门审核",
         fields=(*MEETING_RESULT, *PLAN)),
    Step(PROJECT, (_S.REVIEW,), _S.DELIBERATION, TOWN, "对…实施方案进行审核", needs_note=True),
    Step(PROJECT, (_S.REVIEW,), _S.PUBLICITY, TOWN, "经审核确认的项目；公示时间不少于5天",
         fields=PUBLICITY),
    Step(PROJECT, (_S.PUBLICITY,), _S.IMPLEMENTATION, VILLAGE, "由村（社区）组织实施",
         guard=Guard.PUBLICITY_OVER),
    Step(PROJECT, (_S.PUBLICITY,), _S.DELIBERATION, TOWN, "公示期间异议成立，退回协商",
         needs_note=True),
    Step(PROJECT, (_S.PUBLICITY,), _S.CLAIM_PENDING, TOWN, "莞家直达…金额较大且需要社会力量参与",
         guard=Guard.PUBLICITY_OVER),
    Step(PROJECT, (_S.CLAIM_OPEN,), _S.IMPLEMENTATION, TOWN | {"system"}, UNCLAIMED,
         guard=Guard.CLAIM_WAIT_OVER),
    Step(PROJECT, (_S.CLAIMED,), _S.IMPLEMENTATION, VILLAGE, DOCKED),
    Step(PROJECT, (_S.IMPLEMENTATION,), _S.SETTLEMENT, VILLAGE, "完善项目决算和审计",
         fields=("finished_on", "spent_cny")),
    Step(PROJECT, (_S.SETTLEMENT,), _S.IMPLEMENTATION, TOWN, "完善项目决算和审计：退回整改",
         needs_note=True),
    Step(PROJECT, (_S.SETTLEMENT,), _S.COMPLETED, VILLAGE, "公示审计结果、资金使用情况和实施效果",
         fields=("audit_result", "effect")),
    Step(PROJECT, (_S.POLICY_HANDLING, _S.REFERRED), _S.COMPLETED, VILLAGE, "办结"),
    Step(PROJECT, (_S.REDO,), _S.DELIBERATION, VILLAGE, "重新协商"),
    Step(PROJECT, (_S.REDO,), _S.IMPLEMENTATION, VILLAGE, "重新实施"),
    Step(PROJECT, _EARLY, _S.REFUSED, VILLAGE, "反馈不予受理的意见", needs_note=True),
    Step(PROJECT, _EARLY, _S.REFERRED, VILLAGE, "由相关部门办理", fields=("department",)),
    Step(PROJECT, (*_EARLY, _S.DELIBERATION), _S.MERGED, VILLAGE, "同一事项合并", needs_note=True,
         guard=Guard.TARGET_NAMED),
    Step(PROJECT, (*_PLANNING, _S.PUBLICITY, *_CLAIMING, _S.IMPLEMENTATION, _S.REDO),
         _S.SUSPENDED, VILLAGE, "未达成共识，暂缓并告知提出者", needs_note=True),
    Step(PROJECT, (*_PLANNING, _S.SUSPENDED), _S.WITHDRAWN, REPORTER, "提出者撤回"),
    # 民生微心愿
    Step(WISH, (_S.RECEIVED,), _S.POLICY_CHECK, VILLAGE, "优先根据现行政策由相关部门办理"),
    Step(WISH, _EARLY, _S.VERIFICATION, VILLAGE, "属地核查…真实性、合理性和资金预算"),
    Step(WISH, (_S.POLICY_CHECK, _S.VERIFICATION), _S.POLICY_HANDLING, VILLAGE,
         "优先根据现行政策由相关部门办理", fields=("policy", "department")),
    Step(WISH, (_S.POLICY_HANDLING,), _S.VERIFICATION, VILLAGE, "办理后仍不能满足群众诉求的事项"),
    Step(WISH, (_S.VERIFICATION, _S.POLICY_HANDLING), _S.ASSESSMENT, VILLAGE,
         "组织专家评审或召开联席会议", guard=Guard.VERIFIED, fields=VERIFIED),
    Step(WISH, (_S.ASSESSMENT,), _S.VERIFICATION, TOWN, "属地核查…真实性、合理性和资金预算：补充核查",
         needs_note=True),
    Step(WISH, (_S.ASSESSMENT,), _S.AID, TOWN, "确定项目的办理方式、资助金额、资助方式后再组织实施",
         fields=DECISION),
    Step(WISH, (_S.ASSESSMENT,), _S.CLAIM_PENDING, TOWN,
         "莞家直达…金额较大且需要社会力量参与", fields=DIRECT),
    Step(WISH, (_S.CLAIM_OPEN,), _S.AID, TOWN | {"system"}, UNCLAIMED,
         guard=Guard.CLAIM_WAIT_OVER),
    Step(WISH, (_S.CLAIMED,), _S.AID, VILLAGE, DOCKED),
    Step(WISH, (_S.AID,), _S.COMPLETED, VILLAGE, "办理时间不超过5个工作日",
         fields=("finished_on", "effect")),
    Step(WISH, (_S.POLICY_HANDLING, _S.REFERRED), _S.COMPLETED, VILLAGE, "办结"),
    Step(WISH, (_S.REDO,), _S.VERIFICATION, VILLAGE, "重新核查"),
    Step(WISH, (_S.REDO,), _S.AID, VILLAGE, "重新办理"),
    Step(WISH, (*_EARLY, _S.VERIFICATION, _S.ASSESSMENT), _S.REFUSED, VILLAGE,
         "不属实或非…服务范围的项目…反馈不予受理的意见", needs_note=True),
    Step(WISH, (*_EARLY, _S.VERIFICATION), _S.REFERRED, VILLAGE, "由相关部门办理",
         fields=("department",)),
    Step(WISH, (*_EARLY, _S.VERIFICATION), _S.MERGED, VILLAGE, "同一事项合并", needs_note=True,
         guard=Guard.TARGET_NAMED),
    Step(WISH, (*_CHECKING, *_CLAIMING, _S.AID, _S.REDO), _S.SUSPENDED, VILLAGE,
         "条件不具备，暂缓并告知提出者", needs_note=True),
    Step(WISH, (*_CHECKING, *_CLAIMING, _S.SUSPENDED), _S.WITHDRAWN, REPORTER, "提出者撤回"),
    # 非本项目受理范围：只登记转办
    Step(MATTER, (_S.RECEIVED,), _S.REFERRED, AGENT, "告知去向，转办登记", fields=("department",)),
    Step(MATTER, (_S.RECEIVED,), _S.REFUSED, AGENT, "反馈不予受理的意见", needs_note=True),
    Step(MATTER, (_S.RECEIVED,), _S.MERGED, AGENT, "同一事项合并", needs_note=True,
         guard=Guard.TARGET_NAMED),
    Step(MATTER, (_S.REFERRED,), _S.RECEIVED, AGENT, "部门退回"),
    Step(MATTER, (_S.FEEDBACK,), _S.REFERRED, AGENT | {"system"}, "回访未解决，再次转办",
         needs_note=True),
    Step(MATTER, (_S.REFERRED,), _S.FEEDBACK, AGENT, "转办结果反馈"),
    Step(MATTER, (_S.RECEIVED, _S.REFERRED), _S.WITHDRAWN, REPORTER, "提出者撤回"),
    # 共同
    *(Step(c, (_S.CLAIMED,), _S.CLAIM_OPEN, TOWN, "认领方退出，重新等候认领（本地设置）",
           needs_note=True) for c in (PROJECT, WISH)),
    *(Step(c, (_S.REFERRED,), _S.RECEIVED, VILLAGE, "部门退回") for c in (PROJECT, WISH)),
    *(Step(c, (_S.COMPLETED,), _S.FEEDBACK, VILLAGE, "反馈至项目提出者", fields=("feedback_by",))
      for c in (PROJECT, WISH)),
    *(Step(c, (_S.COMPLETED, _S.FEEDBACK), _S.REDO, REOPENERS, "回访未解决，重新办理", needs_note=True)
      for c in (PROJECT, WISH)),
)  # fmt: skip


def find_step(
    category: str, status: Status, to: Status, actor: Actor, resume_to: Status | None = None
) -> Step | None:
    """The step from one status to another for this actor, if the table has it.

    A suspended case goes back to where it was suspended (``resume_to``).
    """
    for step in steps_from(category, status, resume_to):
        if step.to == to and actor in step.actors:
            return step
    return None


def steps_from(category: str, status: Status, resume_to: Status | None = None) -> list[Step]:
    """All steps that leave this status, whoever may make them."""
    steps = [step for step in STEPS if step.category == category and status in step.origins]
    if status == Status.SUSPENDED and resume_to:
        steps.append(Step(category, (status,), resume_to, VILLAGE, "可再次提出"))
    return steps


def allowed(
    category: str, status: Status, actor: Actor, resume_to: Status | None = None
) -> list[str]:
    """The statuses this actor may set now, in the table's order."""
    steps = steps_from(category, status, resume_to)
    return [step.to.value for step in steps if actor in step.actors]


def unclaimed(category: str) -> Status:
    """Where the special fund takes on what nobody has claimed."""
    return Status.IMPLEMENTATION if category == PROJECT else Status.AID


def reopened(category: str, status: Status) -> Status | None:
    """Where a finished case goes when its reporter says that it is not solved."""
    to = Status.REFERRED if category == MATTER else Status.REDO
    return to if find_step(category, status, to, "system") else None


Holder = Literal["village", "town", "hotline", "department", "later", "nobody"]


def holder_of(category: str, status: Status) -> Holder:
    """Whose turn it is: who must act before the case moves on.

    ``department``: it was referred; ``later``: suspended; ``nobody``: it has ended.
    """
    if status in ENDED or status == Status.FEEDBACK:
        return "nobody"
    if status == Status.SUSPENDED:
        return "later"
    if status in (Status.REFERRED, Status.POLICY_HANDLING):
        return "department"
    if category == MATTER:
        return "hotline"
    return "town" if status in _OF_THE_TOWN else "village"


_OF_THE_TOWN = frozenset({_S.REVIEW, _S.ASSESSMENT, _S.CLAIM_PENDING, _S.CLAIM_OPEN})


def claim_wait_over(due_at: datetime | None, now: datetime) -> bool:
    """Whether the last day on which a published wish waits for a claim has passed (D4)."""
    return due_at is None or now > due_at


def publicity_over(started: datetime, now: datetime) -> bool:
    """Whether five full days lie between the day publicity began and today (D6)."""
    return local_date(now) > local_date(started) + timedelta(days=PUBLICITY_DAYS)


def clock_started_by(category: str, group: str, status: Status) -> Event | None:
    """The deadline that entering this status sets; None where the programme names none."""
    if status == Status.IMPLEMENTATION:
        works = group == "convenience_works"
        return Event.WORKS_CONFIRMED if works else Event.SERVICE_CONFIRMED
    return _CLOCKS.get((category, status))


_CLOCKS = {
    (PROJECT, _S.RECEIVED): Event.PROJECT_RECEIVED,
    (PROJECT, _S.POLICY_CHECK): Event.PROJECT_RECEIVED,
    (PROJECT, _S.DELIBERATION): Event.PROJECT_RECEIVED,
    (PROJECT, _S.REVIEW): Event.PLAN_SUBMITTED,
    (PROJECT, _S.PUBLICITY): Event.PUBLICITY_STARTED,
    (PROJECT, _S.CLAIM_PENDING): Event.DIRECT_CONFIRMED,
    (PROJECT, _S.CLAIM_OPEN): Event.CLAIM_PUBLISHED,
    (PROJECT, _S.CLAIMED): Event.CLAIMED,
    (PROJECT, _S.COMPLETED): Event.COMPLETED,
    (WISH, _S.RECEIVED): Event.WISH_RECEIVED,
    (WISH, _S.POLICY_CHECK): Event.WISH_RECEIVED,
    (WISH, _S.VERIFICATION): Event.WISH_RECEIVED,
    (WISH, _S.CLAIM_PENDING): Event.DIRECT_CONFIRMED,
    (WISH, _S.CLAIM_OPEN): Event.CLAIM_PUBLISHED,
    (WISH, _S.CLAIMED): Event.CLAIMED,
    (WISH, _S.AID): Event.WISH_DECIDED,
    (WISH, _S.COMPLETED): Event.COMPLETED,
}
FROM_RECEPTION = frozenset({Event.PROJECT_RECEIVED, Event.WISH_RECEIVED})
FROM_CONFIRMATION = frozenset({Event.WORKS_CONFIRMED, Event.SERVICE_CONFIRMED})
