"""Signing in and out; who is behind a token."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Annotated, cast

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.db import SessionDep
from backend.core.errors import ForbiddenError, UnauthenticatedError
from backend.core.resources import Resources, ResourcesDep
from backend.core.throttle import Throttle
from backend.staff.errors import WrongCredentialsError
from backend.staff.models import StaffAccount, StaffToken
from backend.staff.passwords import check_or_pretend
from backend.staff.repository import StaffRepository
from backend.staff.rules import Caller, Role, Service, StaffMember
from backend.staff.schemas import Credentials, StaffOut, TokenOut

_ADDRESS_TRIES_FACTOR = 4
bearer_scheme = HTTPBearer(auto_error=False, description="service token or staff token")


def token_hash(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def member(account: StaffAccount) -> StaffMember:
    """The account as the rules know it."""
    return StaffMember(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        role=cast(Role, account.role),
        town=account.town,
        village=account.village,
    )


class StaffService:
    """Sign-in of staff within one request."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._rows = StaffRepository(session)
        self._session = session
        self._resources = resources

    async def sign_in(self, credentials: Credentials, address: str) -> TokenOut:
        """A new token; failures are counted per account and per network address.

        Raises:
            WrongCredentialsError: unknown, inactive, or the password does not fit.
            TooManyTriesError: too many failures lately.
        """
        now = self._resources.clock.now()
        throttles = self._throttles(credentials.username, address)
        for throttle, subject in throttles:
            await throttle.check(self._session, subject, now)
        account = await self._rows.by_username(credentials.username)
        known = account.password_hash if account and account.active else None
        if not await check_or_pretend(credentials.password, known) or account is None:
            for throttle, subject in throttles:
                await throttle.record(self._session, subject, now)
            raise WrongCredentialsError
        return await self._issue(account)

    def _throttles(self, username: str, address: str) -> list[tuple[Throttle, str]]:
        settings, vault = self._resources.settings, self._resources.vault
        tries, window_s = settings.login_tries, settings.login_window_s
        return [
            (Throttle("login", tries, window_s), vault.keyed_hash("login", username)),
            (
                Throttle("login_address", tries * _ADDRESS_TRIES_FACTOR, window_s),
                vault.keyed_hash("address", address),
            ),
        ]

    async def _issue(self, account: StaffAccount) -> TokenOut:
        now = self._resources.clock.now()
        token = secrets.token_urlsafe(32)
        expires = now + timedelta(hours=self._resources.settings.staff_token_hours)
        await self._rows.add(
            StaffToken(
                token_hash=token_hash(token),
                staff_id=account.id,
                created_at=now,
                expires_at=expires,
            )
        )
        staff = StaffOut.model_validate(member(account), from_attributes=True)
        return TokenOut(access_token=token, expires_at=expires, staff=staff)

    async def who(self, token: str) -> StaffMember | None:
        """The member of staff behind a token, for bearer headers and page cookies alike."""
        account = await self._rows.by_token(token_hash(token), self._resources.clock.now())
        return member(account) if account else None

    async def sign_out(self, token: str) -> None:
        """End this token."""
        await self._rows.revoke(token_hash(token), self._resources.clock.now())


async def current_caller(
    session: SessionDep,
    resources: ResourcesDep,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(bearer_scheme)],
) -> Caller:
    """FastAPI dependency: the service or a member of staff; 401 for everybody else."""
    if bearer is None:
        raise UnauthenticatedError
    given = bearer.credentials
    expected = resources.settings.service_token.get_secret_value()
    if hmac.compare_digest(given.encode(), expected.encode()):
        return Service()
    found = await StaffService(session, resources).who(given)
    if found is None:
        raise UnauthenticatedError
    return found


CallerDep = Annotated[Caller, Depends(current_caller)]


async def current_staff(caller: CallerDep) -> StaffMember:
    """FastAPI dependency: a member of staff; 403 for the service."""
    if isinstance(caller, Service):
        raise ForbiddenError
    return caller


async def current_service(caller: CallerDep) -> Service:
    """FastAPI dependency: the service; 403 for staff."""
    if not isinstance(caller, Service):
        raise ForbiddenError
    return caller


StaffDep = Annotated[StaffMember, Depends(current_staff)]
ServiceDep = Annotated[Service, Depends(current_service)]
