"""``/staff/cases/{case_no}/offers``: what a call to somebody who wants to claim came to."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path
from fastapi.responses import RedirectResponse, Response

from backend.core.db import SessionDep
from backend.core.resources import ResourcesDep
from backend.publicity.offers import OfferDesk
from backend.web.staff.session import PostedVisitDep

router = APIRouter(prefix="/staff/cases/{case_no}/offers", include_in_schema=False)


@router.post("/{offer_id}")
async def close(
    visit: PostedVisitDep,
    session: SessionDep,
    resources: ResourcesDep,
    case_no: str,
    offer_id: Annotated[int, Path(ge=1, lt=2**63)],
    outcome: Annotated[Literal["agreed", "declined", "not_reached"], Form()] = "not_reached",
) -> Response:
    """Write it down; the claim itself is a step of the case."""
    visit.require("work_on_case")
    await OfferDesk(session, resources, visit.staff).close(case_no, offer_id, outcome)
    return RedirectResponse(f"/staff/cases/{case_no}?ok=offer#offers", status_code=303)
