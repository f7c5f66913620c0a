"""``/staff``: the work list."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.web.staff.layout import render_staff
from backend.web.staff.session import VisitDep

router = APIRouter(prefix="/staff", include_in_schema=False)


@router.get("")
async def work_list(request: Request, visit: VisitDep) -> Response:
    """What is theirs, what is due."""
    return render_staff(request, "staff/work_list.html", visit, section="work")
