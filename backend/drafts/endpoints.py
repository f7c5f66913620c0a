"""Open drafts, for the assistant alone."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from backend.core.db import SessionDep
from backend.core.problems import problems
from backend.core.resources import ResourcesDep
from backend.drafts.schemas import (
    Asking,
    ContinuationCode,
    ConversationId,
    DraftId,
    DraftIn,
    Kept,
    OfferAnswer,
    Taken,
    Taking,
    Whereabouts,
)
from backend.drafts.service import DraftService
from backend.staff.service import ServiceDep

router = APIRouter(prefix="/drafts", tags=["drafts"], responses=problems(401, 403, 422))
Asker = Annotated[ConversationId, Query()]


@router.put("/{draft_id}", summary="Keep a draft as it stands", responses=problems(409))
async def keep_draft(
    draft_id: DraftId, new: DraftIn, _: ServiceDep, session: SessionDep, resources: ResourcesDep
) -> Kept:
    """For a day after the last word; refused where it went on in another conversation."""
    return await DraftService(session, resources).keep(draft_id, new)


@router.delete("/{draft_id}", summary="Filed or taken back", status_code=HTTP_204_NO_CONTENT)
async def drop_draft(
    draft_id: DraftId,
    conversation_id: Asker,
    _: ServiceDep,
    session: SessionDep,
    resources: ResourcesDep,
) -> None:
    """Forgets it; a draft of another conversation stays."""
    await DraftService(session, resources).drop(draft_id, conversation_id)


@router.get("/{draft_id}/whereabouts", summary="Whether it went on elsewhere")
async def draft_whereabouts(
    draft_id: DraftId,
    conversation_id: Asker,
    _: ServiceDep,
    session: SessionDep,
    resources: ResourcesDep,
) -> Whereabouts:
    """Asked before a conversation goes on with a draft that may have left it."""
    return await DraftService(session, resources).whereabouts(draft_id, conversation_id)


@router.post(
    "/{draft_id}/code",
    status_code=HTTP_201_CREATED,
    summary="A code to go on elsewhere",
    responses=problems(404),
)
async def draft_code(
    draft_id: DraftId, asking: Asking, _: ServiceDep, session: SessionDep, resources: ResourcesDep
) -> ContinuationCode:
    """Good for a day and for one conversation."""
    return await DraftService(session, resources).code(draft_id, asking)


@router.post("/takings", summary="Go on here", responses=problems(404, 429))
async def take_draft(
    taking: Taking, _: ServiceDep, session: SessionDep, resources: ResourcesDep
) -> Taken:
    """By the code, or without one by the number that this citizen writes from."""
    return await DraftService(session, resources).take(taking)


@router.post("/offers", summary="What is open elsewhere with this citizen's number")
async def offer_draft(
    asking: Asking, _: ServiceDep, session: SessionDep, resources: ResourcesDep
) -> OfferAnswer:
    """Each draft is offered once."""
    return await DraftService(session, resources).offer(asking)
