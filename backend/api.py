"""All routers of the API under one prefix."""

from fastapi import APIRouter, Depends

from backend.callbacks.endpoints import router as callbacks
from backend.cases.clock_endpoints import router as clocks
from backend.cases.endpoints import router as cases
from backend.conversations.endpoints import router as outbound
from backend.deadlines.endpoints import router as deadlines
from backend.drafts.endpoints import router as drafts
from backend.notifications.endpoints import router as notices
from backend.places.endpoints import router as places
from backend.policies.endpoints import router as policies
from backend.publicity.endpoints import router as publicity
from backend.staff.endpoints import router as staff
from backend.staff.service import current_caller
from backend.taxonomy.endpoints import router as taxonomy
from backend.understanding.endpoints import router as understanding

PREFIX = "/api/v1"

api = APIRouter(prefix=PREFIX)
_ROUTERS = (
    taxonomy,
    places,
    staff,
    policies,
    clocks,
    cases,
    callbacks,
    drafts,
    outbound,
    deadlines,
    notices,
    publicity,
)
for _open in _ROUTERS:
    api.include_router(_open)
api.include_router(understanding, dependencies=[Depends(current_caller)])
