"""Members of staff in a browser: a client with a page session, and forms with its token."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio
from fastapi import FastAPI

from backend.core.db import Database
from backend.core.resources import Resources
from backend.settings import Settings
from backend.staff.models import StaffAccount, StaffToken
from backend.staff.repository import StaffRepository
from backend.staff.service import token_hash
from backend.web.staff.session import COOKIE, form_token

__all__ = ["Browser", "OpenBrowser", "open_browser", "stranger"]

HTML = {"Accept": "text/html"}
OpenBrowser = Callable[..., Any]


@dataclass
class Browser:
    """Somebody's browser on the staff pages."""

    http: httpx.AsyncClient
    csrf: str
    username: str

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """Open a page."""
        return await self.http.get(path, params=params or None)

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form with the session's token."""
        return await self.http.post(path, data={"csrf": self.csrf, **fields})


def browser(app: FastAPI, token: str | None, settings: Settings, username: str = "") -> Browser:
    """A browser with that session, or a stranger's."""
    http = httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://test",
        headers=HTML,
        cookies={COOKIE: token} if token else None,
    )
    return Browser(http, form_token(settings, token or ""), username)


async def _account(database: Database, username: str) -> StaffAccount | None:
    async with database.transaction() as session:
        return await StaffRepository(session).by_username(username)


@pytest_asyncio.fixture(loop_scope="function")
async def open_browser(
    app: FastAPI, database: Database, api_resources: Resources
) -> AsyncIterator[OpenBrowser]:
    """``await open_browser("village", town=…, village=…)`` is that member of staff's browser."""
    opened: list[Browser] = []

    async def opens(
        role: str, *, must_change_password: bool = False, account_of: str = "", **place: str
    ) -> Browser:
        username = account_of or f"page-{role}-{len(opened)}"
        token, now = f"session-of-{username}", api_resources.clock.now()
        account = await _account(database, username) or StaffAccount(
            username=username,
            display_name=f"{role}经办人",
            role=role,
            password_hash="",
            active=True,
            must_change_password=must_change_password,
            created_at=now,
            **place,
        )
        async with database.transaction() as session:
            session.add(account)
            await session.flush()
            session.add(
                StaffToken(
                    token_hash=token_hash(token),
                    staff_id=account.id,
                    kind="page",
                    created_at=now,
                    seen_at=now,
                    expires_at=now.replace(year=now.year + 1),
                )
            )
        opened.append(browser(app, token, api_resources.settings, username))
        return opened[-1]

    yield opens
    for one in opened:
        await one.http.aclose()


@pytest_asyncio.fixture(loop_scope="function")
async def stranger(app: FastAPI, api_resources: Resources) -> AsyncIterator[Browser]:
    """A browser that nobody signed in with."""
    one = browser(app, None, api_resources.settings)
    yield one
    await one.http.aclose()
