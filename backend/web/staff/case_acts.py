"""What may be done with a case next, and what each step would tell whom."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.handling import CaseHandling
from backend.cases.models import Case
from backend.cases.rules import Status, Step, steps_from
from backend.cases.schemas import CaseDetail, SimilarCase
from backend.cases.step_fields import StepField, fields_of
from backend.cases.steps import enter
from backend.cases.wording import present
from backend.core.resources import Resources
from backend.deadlines.clockwork import Clockwork, local_rules
from backend.notifications.rules import NOTE
from backend.policies.schemas import PolicyMatch
from backend.policies.service import PolicyService
from backend.staff.models import StaffAccount
from backend.web.staff.case_view import CaseView
from backend.web.staff.notice_view import StepNotices, Told, Typed
from backend.web.staff.session import Visit
from backend.web.staff.wording import wording

_GRAVE = frozenset({"refused", "suspended", "withdrawn", "merged"})
_POLICIES = 3


@dataclass(frozen=True, slots=True)
class NextStep:
    """A button with what its step needs.

    ``tells``: what the reporter will read as progress; ``told``: the notices that go out.
    """

    to: str
    label: str
    clause: str
    needs_note: bool
    is_grave: bool
    fields: list[StepField]
    tells: str
    told: Told


_FIELD = "field_"
"""Begins the names of a step's own fields in the form."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A form that came back: what was typed, and why it failed (empty if it was only a preview)."""

    act: str
    problem: str
    typed: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    is_stale: bool = False
    seen_events: int = 0

    @property
    def words(self) -> Typed | None:
        """What was typed, as far as notices quote it."""
        if self.act not in ("move", "note"):
            return None
        to = self.typed.get("to", "") if self.act == "move" else NOTE
        note = self.typed.get("note", "").strip() or None
        fields = {
            name.removeprefix(_FIELD): value
            for name, value in self.typed.items()
            if name.startswith(_FIELD)
        }
        return Typed(to, note, self.typed.get("merged_into", "").strip() or None, fields)


@dataclass(frozen=True, slots=True)
class LikelyPolicy:
    """A policy that may solve the case, and what became of trying it (``None``: not tried)."""

    title: str
    department: str
    sample: bool
    outcome: str | None
    outcome_label: str | None


@dataclass(frozen=True, slots=True)
class CaseActs:
    """What this member of staff may do with the case."""

    steps: list[NextStep]
    colleagues: list[StaffAccount]
    similar: list[SimilarCase]
    policies: list[LikelyPolicy]
    note_told: Told


async def acts_on(
    session: AsyncSession,
    resources: Resources,
    visit: Visit,
    view: CaseView,
    attempt: Attempt | None = None,
) -> CaseActs | None:
    """The acts; ``None`` for who only reads."""
    if not visit.may("work_on_case"):
        return None
    desk = CaseHandling(session, resources, visit.staff)
    case = view.case
    row = await desk.find(case.case_no)
    notices = StepNotices(session, resources, row, attempt.words if attempt else None)
    similar = await desk.similar(case.type, case.village, case.description)
    likely = await PolicyService(session, resources).of_case(row, limit=_POLICIES)
    return CaseActs(
        steps=await _steps(row, case, resources, notices),
        colleagues=await desk.colleagues(case) if row.holder != "nobody" else [],
        similar=[one for one in similar.items if one.case_no != case.case_no],
        policies=_policies(likely.items, view),
        note_told=await notices.of(NOTE, needs_note=True),
    )


def _policies(likely: list[PolicyMatch], view: CaseView) -> list[LikelyPolicy]:
    """The likely ones, then those that were tried all the same; the latest outcome counts."""
    latest = {check.policy: check for check in view.checks}
    found = [
        LikelyPolicy(
            policy.title,
            policy.department,
            policy.sample,
            latest[policy.code].outcome if policy.code in latest else None,
            latest[policy.code].outcome_label if policy.code in latest else None,
        )
        for policy in likely
    ]
    shown = {policy.code for policy in likely}
    return found + [
        LikelyPolicy(
            check.title, check.department, check.sample, check.outcome, check.outcome_label
        )
        for code, check in latest.items()
        if code not in shown
    ]


async def _steps(
    row: Case, case: CaseDetail, resources: Resources, notices: StepNotices
) -> list[NextStep]:
    resume_to = Status(row.resume_to) if row.resume_to else None
    chosen: dict[str, Step] = {}
    for step in steps_from(row.category, Status(row.status), resume_to):
        if step.to.value in case.allowed_transitions:
            chosen.setdefault(step.to.value, step)
    steps = [await _next_step(row, step, resources, notices) for step in chosen.values()]
    return sorted(steps, key=lambda step: step.is_grave)


async def _next_step(row: Case, step: Step, resources: Resources, notices: StepNotices) -> NextStep:
    to, words = step.to.value, wording()
    back = words["back"].get(row.status, {})
    return NextStep(
        to=to,
        label=back.get(to, words["steps"][to]),
        clause=step.clause,
        needs_note=step.needs_note,
        is_grave=to in _GRAVE,
        fields=fields_of(step),
        tells=_told(row, step, resources),
        told=await notices.of(to, needs_note=step.needs_note),
    )


def _told(row: Case, step: Step, resources: Resources) -> str:
    """The sentence the reporter reads after the step, if no note replaces it."""
    later = Case(
        category=row.category,
        group=row.group,
        status=row.status,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        due_provisional=False,
    )
    clockwork = Clockwork(local_rules(resources.settings))
    enter(later, step.to, resources.clock.now(), clockwork)
    return present(later)
