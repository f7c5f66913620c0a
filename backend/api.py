"""All routers of the API under one prefix."""

from fastapi import APIRouter, Depends

from backend.callbacks.endpoints import router as callbacks
from backend.cases.endpoints import router as cases
from backend.places.endpoints import router as places
from backend.policies.endpoints import router as policies
from backend.staff.endpoints import router as staff
from backend.staff.service import current_caller
from backend.taxonomy.endpoints import router as taxonomy
from backend.understanding.endpoints import router as understanding

PREFIX = "/api/v1"

api = APIRouter(prefix=PREFIX)
for _open in (taxonomy, places, staff, policies, cases, callbacks):
    api.include_router(_open)
api.include_router(understanding, dependencies=[Depends(current_caller)])
