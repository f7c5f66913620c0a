"""Keeps the line to the action server open between turns.

Rasa 3.6.21 opens a session and a connection for every action and closes both: a twelfth of a turn's time.
"""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
from rasa.utils.endpoints import EndpointConfig

_IDLE_S = 3.0
"""The action server closes a line after five idle seconds; a line of ours is given up before that."""


class KeptSession:
    """A session that outlives the request which asked for it."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._loop = asyncio.get_running_loop()

    @property
    def is_usable(self) -> bool:
        """Whether it is open and belongs to the running loop."""
        return not self._session.closed and self._loop is asyncio.get_running_loop()

    async def __aenter__(self) -> aiohttp.ClientSession:
        return self._session

    async def __aexit__(self, *_: Any) -> None:
        return None

    async def close(self) -> None:
        """Ends it with its connections."""
        await self._session.close()


def kept_session(endpoint: EndpointConfig) -> KeptSession:
    """The endpoint's session, opened at its first request."""
    kept: KeptSession | None = getattr(endpoint, "kept_session", None)
    if kept is None or not kept.is_usable:
        kept = endpoint.kept_session = KeptSession(_open(endpoint))
    return kept


def _open(endpoint: EndpointConfig) -> aiohttp.ClientSession:
    """As Rasa opens it, but for the idle time of its connections."""
    basic = endpoint.basic_auth
    return aiohttp.ClientSession(
        headers=endpoint.headers,
        auth=aiohttp.BasicAuth(basic["username"], basic["password"]) if basic else None,
        timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
        connector=aiohttp.TCPConnector(keepalive_timeout=_IDLE_S),
    )


def install() -> None:
    """Puts it into Rasa; the private channel does it when it is loaded."""
    EndpointConfig.session = kept_session
