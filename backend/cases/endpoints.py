"""The API of cases. Endpoints parse; services decide."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from starlette.status import HTTP_201_CREATED

from backend.cases.filing import CaseFiling
from backend.cases.ownership import ReporterService
from backend.cases.schemas import (
    Added,
    CaseCreate,
    CaseDetail,
    CaseFilter,
    CaseOut,
    CasePage,
    ContactOut,
    Conversation,
    EventList,
    EventOut,
    Last4,
    NoteIn,
    PlaceCode,
    Proof,
    RatingIn,
    RevealIn,
    SimilarCases,
    StatusAnswer,
    StatusQuery,
    SupplementIn,
    SupporterIn,
    TransitionIn,
    WithdrawalIn,
)
from backend.cases.work import CaseDesk, StaffDesk
from backend.core.db import SessionDep
from backend.core.errors import ForbiddenError
from backend.core.problems import problems
from backend.core.resources import ResourcesDep
from backend.core.text import Clean, Code
from backend.staff.rules import StaffMember, may
from backend.staff.service import CallerDep, ServiceDep, StaffDep

router = APIRouter(tags=["cases"], responses=problems(401, 403))

IdempotencyKey = Annotated[
    str, Header(alias="Idempotency-Key", pattern=r"^[!-~]{1,200}$", examples=["draft-7f3a-0"])
]


@router.post(
    "/cases",
    status_code=HTTP_201_CREATED,
    summary="File a case",
    responses=problems(400, 409, 422),
)
async def create_case(
    new: CaseCreate,
    key: IdempotencyKey,
    caller: CallerDep,
    session: SessionDep,
    resources: ResourcesDep,
    response: Response,
) -> CaseOut:
    """File a case once per ``Idempotency-Key``; the same key and body again gives the same case."""
    if isinstance(caller, StaffMember) and not may(caller, "file_case"):
        raise ForbiddenError
    case, filed_now = await CaseFiling(session, resources).file(new, caller, key)
    if not filed_now:
        response.headers["Idempotent-Replay"] = "true"
    return case


@router.get("/cases", summary="Cases in one's scope", responses=problems(400, 422))
async def list_cases(
    wanted: Annotated[CaseFilter, Query()],
    caller: CallerDep,
    session: SessionDep,
    resources: ResourcesDep,
) -> CasePage:
    """Newest first; all given filters must fit; ``next_cursor`` continues."""
    return await CaseDesk(session, resources, caller).page(wanted)


@router.get("/cases/similar", summary="What may be the same matter", responses=problems(422))
async def list_similar(
    caller: CallerDep,
    session: SessionDep,
    resources: ResourcesDep,
    type_: Annotated[Code, Query(alias="type")],
    village: Annotated[PlaceCode | None, Query()] = None,
    text: Annotated[str, Query(max_length=2_000), Clean] = "",
) -> SimilarCases:
    """Open cases of the same type (and village) with like words; no identity in the answer."""
    return await CaseDesk(session, resources, caller).similar(type_, village, text)


@router.get("/cases/{case_no}", summary="One case", responses=problems(400, 404))
async def read_case(
    case_no: str, staff: StaffDep, session: SessionDep, resources: ResourcesDep
) -> CaseDetail:
    """The full case with masked contact and the steps this role may take."""
    return await StaffDesk(session, resources, staff).open(case_no)


@router.post("/cases/{case_no}/reveal", summary="Unmask", responses=problems(400, 404, 422))
async def reveal_contact(
    case_no: str,
    why: RevealIn,
    staff: StaffDep,
    session: SessionDep,
    resources: ResourcesDep,
    response: Response,
) -> ContactOut:
    """The contact in the clear; the reason goes into the audit log."""
    response.headers["Cache-Control"] = "no-store"
    return await StaffDesk(session, resources, staff).reveal(case_no, why.reason)


@router.post(
    "/cases/{case_no}/transitions", summary="Move a case", responses=problems(400, 404, 409, 422)
)
async def move_case(
    case_no: str,
    wish: TransitionIn,
    staff: StaffDep,
    session: SessionDep,
    resources: ResourcesDep,
) -> CaseDetail:
    """Take a step; 409 lists the ``allowed`` ones."""
    return await StaffDesk(session, resources, staff).move(case_no, wish)


@router.post(
    "/cases/{case_no}/notes",
    status_code=HTTP_201_CREATED,
    summary="Write a note",
    responses=problems(400, 404, 422),
)
async def write_note(
    case_no: str, new: NoteIn, staff: StaffDep, session: SessionDep, resources: ResourcesDep
) -> EventOut:
    """A note for the office, or with ``audience: public`` for the reporter."""
    return await StaffDesk(session, resources, staff).note(case_no, new)


@router.get("/cases/{case_no}/events", summary="A case's history", responses=problems(400, 404))
async def list_events(
    case_no: str,
    caller: CallerDep,
    session: SessionDep,
    resources: ResourcesDep,
    conversation_id: Annotated[Conversation | None, Query()] = None,
    phone_last4: Annotated[Last4 | None, Query()] = None,
) -> EventList:
    """Staff see all events; the reporter, through the service, the public ones on proof."""
    if isinstance(caller, StaffMember):
        return await CaseDesk(session, resources, caller).events(case_no)
    proof = Proof(
        channel="webchat", conversation_id=conversation_id or "-", phone_last4=phone_last4
    )
    return await ReporterService(session, resources).events(case_no, proof)


@router.post(
    "/cases/{case_no}/supplements",
    status_code=HTTP_201_CREATED,
    summary="Add to one's case",
    responses=problems(400, 404, 409, 422, 429),
)
async def add_supplement(
    case_no: str, new: SupplementIn, _: ServiceDep, session: SessionDep, resources: ResourcesDep
) -> Added:
    """The reporter's further words; 409 when the case has ended."""
    return await ReporterService(session, resources).supplement(case_no, new)


@router.post(
    "/cases/{case_no}/supporters",
    status_code=HTTP_201_CREATED,
    summary="Me too",
    responses=problems(400, 404, 409, 422),
)
async def add_supporter(
    case_no: str, new: SupporterIn, _: ServiceDep, session: SessionDep, resources: ResourcesDep
) -> Added:
    """Count a conversation once as a supporter."""
    return await ReporterService(session, resources).support(case_no, new)


@router.post(
    "/cases/{case_no}/ratings",
    status_code=HTTP_201_CREATED,
    summary="Rate one's finished case",
    responses=problems(400, 404, 409, 422, 429),
)
async def add_rating(
    case_no: str, new: RatingIn, _: ServiceDep, session: SessionDep, resources: ResourcesDep
) -> Added:
    """1 to 5; 409 before the case is completed."""
    return await ReporterService(session, resources).rate(case_no, new)


@router.post(
    "/cases/{case_no}/withdrawal",
    summary="Take one's case back",
    responses=problems(400, 404, 409, 422, 429),
)
async def withdraw_case(
    case_no: str, new: WithdrawalIn, _: ServiceDep, session: SessionDep, resources: ResourcesDep
) -> Added:
    """Ends the case; 409 when it has gone too far for that."""
    return await ReporterService(session, resources).withdraw(case_no, new)


@router.post("/status-queries", summary="Ask for progress", responses=problems(400, 404, 422, 429))
async def query_status(
    query: StatusQuery, _: ServiceDep, session: SessionDep, resources: ResourcesDep
) -> StatusAnswer:
    """How a case stands. "No such case" and "not yours" are one answer (404 ``case_not_found``).

    Without ``case_no`` the conversation's own cases; 400 ``proof_needed`` if it has none or the
    last four digits are missing; 400 ``case_no_invalid`` for a wrong check digit; 429 after too
    many wrong tries.
    """
    return await ReporterService(session, resources).status(query)
