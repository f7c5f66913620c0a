"""POST /auth/token, DELETE /auth/token, GET /auth/me."""

from typing import Annotated

from fastapi import APIRouter, Request, Security
from fastapi.security import HTTPAuthorizationCredentials
from starlette.status import HTTP_204_NO_CONTENT

from backend.core.db import SessionDep
from backend.core.resources import ResourcesDep
from backend.staff.schemas import Credentials, StaffOut, TokenOut
from backend.staff.service import StaffDep, StaffService, bearer_scheme

router = APIRouter(prefix="/auth", tags=["staff"])


@router.post("/token", summary="Sign in")
async def create_token(
    credentials: Credentials, request: Request, session: SessionDep, resources: ResourcesDep
) -> TokenOut:
    """A bearer token for the API; wrong tries are counted and slow down."""
    address = request.client.host if request.client else "unknown"
    return await StaffService(session, resources).sign_in(credentials, address)


@router.delete("/token", status_code=HTTP_204_NO_CONTENT, summary="Sign out")
async def revoke_token(
    _: StaffDep,
    session: SessionDep,
    resources: ResourcesDep,
    bearer: Annotated[HTTPAuthorizationCredentials, Security(bearer_scheme)],
) -> None:
    """End the token that was sent."""
    await StaffService(session, resources).sign_out(bearer.credentials)


@router.get("/me", summary="Who am I")
async def read_me(staff: StaffDep) -> StaffOut:
    """The account behind the token."""
    return StaffOut.model_validate(staff, from_attributes=True)
