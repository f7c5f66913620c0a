"""Signing in and out; who is behind a token."""

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal, cast

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.db import SessionDep
from backend.core.errors import ForbiddenError, TooManyTriesError, UnauthenticatedError
from backend.core.resources import Resources, ResourcesDep
from backend.core.throttle import Limits, Throttle
from backend.staff.audit import UNKNOWN_ACCOUNT, AuditLog
from backend.staff.errors import (
    PasswordChangeNeededError,
    PasswordRefusedError,
    WrongCredentialsError,
)
from backend.staff.models import StaffAccount, StaffToken
from backend.staff.passwords import check_or_pretend, hash_password, password_weakness
from backend.staff.repository import StaffRepository
from backend.staff.rules import Caller, Role, Service, StaffMember
from backend.staff.schemas import Credentials, StaffOut, TokenOut

TokenKind = Literal["api", "page"]

_ADDRESS_TRIES_FACTOR = 4
_SEEN_STEP = timedelta(minutes=1)
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


@dataclass(frozen=True, slots=True)
class PageVisitor:
    """Whose page session it is, and whether the first password is still in use."""

    staff: StaffMember
    must_change_password: bool


class StaffService:
    """Sign-in of staff within one request, for bearer tokens and page sessions alike."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._rows = StaffRepository(session)
        self._session = session
        self._resources = resources
        self._audit = AuditLog(session, resources.vault, resources.clock)

    async def sign_in(self, credentials: Credentials, address: str) -> TokenOut:
        """A new bearer token; failures are counted per account and per network address.

        Raises:
            WrongCredentialsError: unknown, inactive, or the password does not fit.
            TooManyTriesError: too many failures lately.
            PasswordChangeNeededError: the first password must be replaced on the page first.
        """
        account = await self._checked(credentials, address)
        if account.must_change_password:
            raise PasswordChangeNeededError
        token, expires = await self._issue(account, "api")
        staff = StaffOut.model_validate(member(account), from_attributes=True)
        return TokenOut(access_token=token, expires_at=expires, staff=staff)

    async def open_session(self, credentials: Credentials, address: str) -> str:
        """The token of a new page session; errors as in ``sign_in``, first passwords allowed."""
        account = await self._checked(credentials, address)
        token, _ = await self._issue(account, "page")
        return token

    async def change_password(self, staff_id: int, present: str, new: str, address: str) -> str:
        """Replace the password, end every session and token, and return a new page session.

        Raises:
            PasswordRefusedError: the present one does not fit, or the new one is too weak.
            TooManyTriesError: too many failures lately.
        """
        account = await self._rows.by_id(staff_id)
        await self._check_tries(account.username, address)
        if not await check_or_pretend(present, account.password_hash):
            await self._count_failure(account, account.username, address)
            raise PasswordRefusedError("现在的密码不对")
        weakness = password_weakness(new, account.username, present)
        if weakness:
            raise PasswordRefusedError(weakness)
        account.password_hash = await asyncio.to_thread(hash_password, new)
        account.must_change_password = False
        await self._rows.revoke_all(account.id, self._resources.clock.now())
        await self._audit.write(account.username, "password_changed", address=address)
        token, _ = await self._issue(account, "page")
        return token

    async def _checked(self, credentials: Credentials, address: str) -> StaffAccount:
        username = credentials.username
        account = await self._rows.by_username(username)
        known = account.password_hash if account and account.active else None
        try:
            await self._check_tries(username, address)
        except TooManyTriesError:
            await self._audit.write(_name(account), "sign_in_blocked", address=address)
            raise
        if not await check_or_pretend(credentials.password, known) or account is None:
            await self._count_failure(account, username, address)
            raise WrongCredentialsError
        account.last_sign_in_at = self._resources.clock.now()
        await self._audit.write(account.username, "sign_in", address=address)
        return account

    async def _check_tries(self, username: str, address: str) -> None:
        await self._limits(username, address).check(self._session, self._resources.clock.now())

    async def _count_failure(
        self, account: StaffAccount | None, username: str, address: str
    ) -> None:
        await self._limits(username, address).record(self._session, self._resources.clock.now())
        await self._audit.write(_name(account), "sign_in_failed", address=address)

    def _limits(self, username: str, address: str) -> Limits:
        settings, vault = self._resources.settings, self._resources.vault
        tries, window_s = settings.login_tries, settings.login_window_s
        per_address = Throttle("login_address", tries * _ADDRESS_TRIES_FACTOR, window_s)
        return Limits(
            (
                (Throttle("login", tries, window_s), vault.keyed_hash("login", username)),
                (per_address, vault.keyed_hash("address", address)),
            )
        )

    async def _issue(self, account: StaffAccount, kind: TokenKind) -> tuple[str, datetime]:
        now = self._resources.clock.now()
        token = secrets.token_urlsafe(32)
        expires = now + timedelta(hours=self._resources.settings.staff_token_hours)
        await self._rows.add(
            StaffToken(
                token_hash=token_hash(token),
                staff_id=account.id,
                kind=kind,
                created_at=now,
                seen_at=now if kind == "page" else None,
                expires_at=expires,
            )
        )
        return token, expires

    async def who(self, token: str) -> StaffMember | None:
        """The member of staff behind a bearer token."""
        found = await self._rows.by_token(token_hash(token), "api", self._resources.clock.now())
        return member(found[0]) if found and not found[0].must_change_password else None

    async def visitor(self, token: str) -> PageVisitor | None:
        """Who uses a page session; None once it has expired or lain idle for too long."""
        now, hashed = self._resources.clock.now(), token_hash(token)
        found = await self._rows.by_token(hashed, "page", now)
        if found is None:
            return None
        account, session = found
        idle = now - (session.seen_at or session.created_at)
        if idle >= timedelta(minutes=self._resources.settings.staff_idle_minutes):
            await self._rows.revoke(hashed, now)
            return None
        if idle >= _SEEN_STEP:
            await self._rows.seen(hashed, now)
        return PageVisitor(member(account), account.must_change_password)

    async def sign_out(self, token: str, *, address: str | None = None) -> None:
        """End this token."""
        now, hashed = self._resources.clock.now(), token_hash(token)
        for kind in ("api", "page"):
            found = await self._rows.by_token(hashed, kind, now)
            if found:
                await self._audit.write(found[0].username, "sign_out", address=address)
        await self._rows.revoke(hashed, now)


def _name(account: StaffAccount | None) -> str:
    """Whose sign-in it was; an unknown name is not written down (it may be a password)."""
    return account.username if account else UNKNOWN_ACCOUNT


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
    if not isinstance(caller, StaffMember):
        raise ForbiddenError
    return caller


async def current_service(caller: CallerDep) -> Service:
    """FastAPI dependency: the service; 403 for staff."""
    if not isinstance(caller, Service):
        raise ForbiddenError
    return caller


StaffDep = Annotated[StaffMember, Depends(current_staff)]
ServiceDep = Annotated[Service, Depends(current_service)]
