"""Everything a case page shows, gathered for one member of staff."""

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.handling import CaseHandling
from backend.cases.models import Case
from backend.cases.rules import Status, Step, steps_from
from backend.cases.schemas import CaseDetail, ContactOut, EventOut, SimilarCase
from backend.cases.step_fields import StepField, fields_of
from backend.cases.steps import enter
from backend.cases.wording import present
from backend.core.resources import Resources
from backend.deadlines.clockwork import Clockwork, local_rules
from backend.staff.models import StaffAccount
from backend.web.staff.session import Visit
from backend.web.staff.wording import wording

_GRAVE = frozenset({"refused", "suspended", "withdrawn", "merged"})


@dataclass(frozen=True, slots=True)
class NextStep:
    """A button with what its step needs; ``tells`` is what the reporter will read."""

    to: str
    label: str
    clause: str
    needs_note: bool
    is_grave: bool
    fields: list[StepField]
    tells: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """A form that did not go through: what was typed and why it failed."""

    act: str
    problem: str
    typed: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    is_stale: bool = False
    seen_events: int = 0


@dataclass(frozen=True, slots=True)
class CaseView:
    """The case and what may be done with it."""

    case: CaseDetail
    events: list[EventOut]
    steps: list[NextStep]
    colleagues: list[StaffAccount]
    names: dict[str, str]
    similar: list[SimilarCase]
    contact: ContactOut | None = None


async def gather(
    session: AsyncSession,
    resources: Resources,
    visit: Visit,
    case_no: str,
    *,
    contact: ContactOut | None = None,
) -> CaseView:
    """The page's content; ``CaseNotFoundError`` outside the scope."""
    desk = CaseHandling(session, resources, visit.staff)
    row = await desk.find(case_no)
    case = await desk.open(case_no)
    works = visit.may("work_on_case")
    events = (await desk.events(case_no)).items
    people = {case.assignee, case.first_receiver, *(event.data.get("to") for event in events)}
    similar = await desk.similar(case.type, case.village, case.description) if works else None
    return CaseView(
        case=case,
        events=events,
        steps=_steps(row, case, resources),
        colleagues=await desk.colleagues(case) if works and row.holder != "nobody" else [],
        names=await desk.display_names([name for name in people if name]),
        similar=[one for one in similar.items if one.case_no != case.case_no] if similar else [],
        contact=contact,
    )


def _steps(row: Case, case: CaseDetail, resources: Resources) -> list[NextStep]:
    resume_to = Status(row.resume_to) if row.resume_to else None
    found = steps_from(row.category, Status(row.status), resume_to)
    chosen: dict[str, Step] = {}
    for step in found:
        if step.to.value in case.allowed_transitions:
            chosen.setdefault(step.to.value, step)
    steps = [_next_step(row, step, resources) for step in chosen.values()]
    return sorted(steps, key=lambda step: step.is_grave)


def _next_step(row: Case, step: Step, resources: Resources) -> NextStep:
    to, words = step.to.value, wording()
    goes_back = row.status == Status.REVIEW and to in words["back"]
    return NextStep(
        to=to,
        label=words["back"][to] if goes_back else words["steps"][to],
        clause=step.clause,
        needs_note=step.needs_note,
        is_grave=to in _GRAVE,
        fields=fields_of(step),
        tells=_told(row, step, resources),
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
