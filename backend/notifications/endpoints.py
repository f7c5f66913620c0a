"""The API of notices: preview, dispatch log, preferences."""

from typing import Annotated

from fastapi import APIRouter, Query

from backend.cases.schemas import Conversation
from backend.core.db import SessionDep
from backend.core.problems import problems
from backend.core.resources import ResourcesDep
from backend.notifications.schemas import (
    DispatchLog,
    EventName,
    NoteText,
    PreferenceIn,
    PreferenceOut,
    Preview,
    WishIn,
    WishOut,
)
from backend.notifications.service import NoticeDesk, PreferenceService
from backend.notifications.wishes import Wishes
from backend.staff.service import ServiceDep, StaffDep

router = APIRouter(tags=["notices"], responses=problems(401, 403, 422))


@router.get(
    "/cases/{case_no}/notices/preview",
    summary="What followers would read",
    responses=problems(400, 404),
)
async def preview_notices(
    case_no: str,
    event: Annotated[EventName, Query()],
    staff: StaffDep,
    session: SessionDep,
    resources: ResourcesDep,
    note: Annotated[NoteText, Query()] = None,
) -> Preview:
    """Exactly the words, per follower and channel, of an event by its number or of a step to come.

    Names: a status (``publicity``), ``created``, ``note``, ``deadline_extended``, ``danger``.
    """
    return await NoticeDesk(session, resources, staff).preview(case_no, event, note)


@router.get("/cases/{case_no}/notices", summary="Who was told what", responses=problems(400, 404))
async def list_notices(
    case_no: str, staff: StaffDep, session: SessionDep, resources: ResourcesDep
) -> DispatchLog:
    """The dispatch log of a case with reason codes, newest first."""
    return await NoticeDesk(session, resources, staff).log(case_no)


@router.post("/notice-wishes", summary="What a citizen said about notices")
async def heed_wish(
    wish: WishIn, _: ServiceDep, session: SessionDep, resources: ResourcesDep
) -> WishOut:
    """It holds for the conversation and for every case of the person it proves."""
    return await Wishes(session, resources).heed(wish)


@router.put("/notice-preferences", summary="Choose channels")
async def put_preference(
    wish: PreferenceIn, _: ServiceDep, session: SessionDep, resources: ResourcesDep
) -> PreferenceOut:
    """The newest wish counts; it holds for every case this conversation follows."""
    return await PreferenceService(session, resources).put(wish)


@router.get("/notice-preferences", summary="What was chosen")
async def read_preference(
    conversation_id: Annotated[Conversation, Query()],
    _: ServiceDep,
    session: SessionDep,
    resources: ResourcesDep,
) -> PreferenceOut:
    """Nothing muted where nobody has said anything."""
    return await PreferenceService(session, resources).read(conversation_id)
