"""POST /triage. Who may call it is decided where the router is included (``backend/api.py``)."""

from fastapi import APIRouter

from backend.core.db import SessionDep
from backend.core.problems import problems
from backend.core.resources import ResourcesDep
from backend.understanding import client
from backend.understanding.schemas import TriageIn, TriageResult

router = APIRouter(tags=["triage"], responses=problems(401, 413, 422, 503))


@router.post("/triage", summary="What a text asks for")
async def triage(wanted: TriageIn, session: SessionDep, resources: ResourcesDep) -> TriageResult:
    """Requests with type, confidence, evidence and fields; alerts; sensitive numbers.

    413 ``text_too_long`` above 20,000 characters; 503 ``assistant_down`` without the assistant.
    """
    # the connection goes back before the slow call, or a few long texts would use up the pool
    await session.close()
    return await client.triage(resources, wanted)
