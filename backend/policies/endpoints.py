"""The API of policies. Who may call it is decided where the router is included, or by role."""

from typing import Annotated

from fastapi import APIRouter, Query, UploadFile
from starlette.status import HTTP_201_CREATED

from backend.cases.schemas import Group
from backend.core.db import SessionDep
from backend.core.errors import ForbiddenError
from backend.core.problems import problems
from backend.core.resources import ResourcesDep
from backend.core.text import Clean, Code
from backend.policies.schemas import (
    Imported,
    PolicyCheckIn,
    PolicyChecks,
    PolicyList,
    PolicyMatches,
)
from backend.policies.service import CasePolicies, PolicyService
from backend.staff.rules import may
from backend.staff.service import CallerDep, StaffDep

router = APIRouter(tags=["policies"], responses=problems(401, 403, 422))


@router.get("/policies", summary="Policies in force")
async def list_policies(_: CallerDep, session: SessionDep, resources: ResourcesDep) -> PolicyList:
    """All of them, by code."""
    return await PolicyService(session, resources).listed()


@router.get("/policies/search", summary="Policies that may solve a request")
async def search_policies(
    _: CallerDep,
    session: SessionDep,
    resources: ResourcesDep,
    text: Annotated[str, Query(min_length=1, max_length=2_000), Clean],
    type_: Annotated[Code | None, Query(alias="type")] = None,
    groups: Annotated[list[Group] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
    sure: Annotated[bool, Query()] = False,
) -> PolicyMatches:
    """By the request's words, type and groups; best first, empty if none is likely.

    ``sure``: at most the one that fits so well that a citizen may be told of it.
    """
    return await PolicyService(session, resources).search(
        text, type_=type_, groups=groups or (), limit=limit, sure=sure
    )


@router.post("/policies/import", summary="Import the policy list", responses=problems(400))
async def import_policies(
    file: UploadFile,
    staff: StaffDep,
    session: SessionDep,
    resources: ResourcesDep,
    replace: Annotated[bool, Query()] = False,
) -> Imported:
    """A CSV table; 400 ``policy_table`` lists the lines that do not fit, nothing is imported."""
    if not may(staff, "manage_policies"):
        raise ForbiddenError
    content = await file.read()
    return await PolicyService(session, resources).load(content, replace=replace)


@router.get(
    "/cases/{case_no}/policies", summary="Policies tried in a case", responses=problems(404)
)
async def list_case_policies(
    case_no: str, staff: StaffDep, session: SessionDep, resources: ResourcesDep
) -> PolicyChecks:
    """What became of policies in a case, oldest first."""
    return await CasePolicies(session, resources, staff).listed(case_no)


@router.post(
    "/cases/{case_no}/policies",
    status_code=HTTP_201_CREATED,
    summary="Record what became of a policy",
    responses=problems(404),
)
async def record_case_policy(
    case_no: str, new: PolicyCheckIn, staff: StaffDep, session: SessionDep, resources: ResourcesDep
) -> PolicyChecks:
    """``handled`` 已按政策办理, ``not_solved`` 政策不能解决, ``unsatisfied`` 办理后仍不能满足."""
    return await CasePolicies(session, resources, staff).record(case_no, new, staff)
