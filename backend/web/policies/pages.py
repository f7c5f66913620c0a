"""``/staff/policies``: the list and its import; ``/staff/cases/{case_no}/policies``: policy first."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from backend.cases.work import CaseDesk
from backend.core.db import SessionDep
from backend.core.errors import BadRequestError
from backend.core.resources import ResourcesDep
from backend.core.text import Clean
from backend.policies.errors import PolicyTableError
from backend.policies.schemas import OUTCOME_LABELS, Imported, PolicyCheckIn
from backend.policies.service import CasePolicies, PolicyService
from backend.policies.table import COLUMNS
from backend.web.staff.layout import render_staff
from backend.web.staff.session import PostedVisitDep, Visit, VisitDep

router = APIRouter(prefix="/staff", include_in_schema=False)
_SHOWN = 8
Words = Annotated[str, Query(max_length=2_000), Clean]


class OutcomeNeededError(BadRequestError):
    """No policy, or not one of the three outcomes."""

    code, title = "outcome_needed", "请选择办理情况"


@router.get("/policies")
async def policy_list(
    request: Request, visit: VisitDep, session: SessionDep, resources: ResourcesDep, q: Words = ""
) -> Response:
    """All policies in force, or those that fit some words."""
    visit.require("see_cases")
    return await _list(request, visit, PolicyService(session, resources), q=q)


@router.post("/policies/import")
async def import_list(
    request: Request,
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    file: UploadFile,
    replace: Annotated[str, Form(max_length=1)] = "",
) -> Response:
    """Import a table; its faults are listed line by line."""
    visit.require("manage_policies")
    service = PolicyService(session, resources)
    try:
        done = await service.load(await file.read(), replace=bool(replace))
    except PolicyTableError as refused:
        return await _list(request, visit, service, problems=refused.problems, status_code=400)
    return await _list(request, visit, service, done=done)


@router.get("/cases/{case_no}/policies")
async def case_policies(
    request: Request, case_no: str, visit: VisitDep, session: SessionDep, resources: ResourcesDep
) -> Response:
    """The likely policies of a case, and what became of those tried: for who works on it."""
    visit.require("work_on_case")
    case = await CaseDesk(session, resources, visit.staff).find(case_no)
    found = await PolicyService(session, resources).of_case(case, limit=_SHOWN)
    checks = await CasePolicies(session, resources, visit.staff).listed(case_no)
    return render_staff(
        request,
        "policies/case.html",
        visit,
        section="work",
        case_no=case.case_no,
        summary=case.summary,
        likely=found.items,
        checks=checks.items,
        outcomes=OUTCOME_LABELS,
    )


@router.post("/cases/{case_no}/policies")
async def record(
    case_no: str,
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    policy: Annotated[str, Form(max_length=60)] = "",
    outcome: Annotated[str, Form(max_length=20)] = "",
    note: Annotated[str, Form(max_length=2_000)] = "",
) -> Response:
    """Write down what became of a policy."""
    visit.require("work_on_case")
    try:
        new = PolicyCheckIn.model_validate({"policy": policy, "outcome": outcome, "note": note})
    except ValidationError as error:
        raise OutcomeNeededError from error
    await CasePolicies(session, resources, visit.staff).record(case_no, new, visit.staff)
    return RedirectResponse(f"/staff/cases/{case_no}/policies", status_code=303)


async def _list(
    request: Request,
    visit: Visit,
    service: PolicyService,
    *,
    q: str = "",
    problems: list[str] | None = None,
    done: Imported | None = None,
    status_code: int = 200,
) -> Response:
    if q.strip():
        found = (await service.search(q, limit=20)).items
    else:
        found = list((await service.listed()).items)  # type: ignore[arg-type]
    return render_staff(
        request,
        "policies/list.html",
        visit,
        section="policies",
        status_code=status_code,
        policies=found,
        q=q,
        problems=problems or [],
        done=done,
        columns=list(COLUMNS),
    )
