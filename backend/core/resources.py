"""What a process builds once and every feature is handed."""

from dataclasses import dataclass
from typing import Annotated

import httpx
from fastapi import Depends
from fastapi.requests import HTTPConnection

from backend.core.clock import Clock, SystemClock
from backend.core.db import Database, create_database
from backend.core.privacy import Vault
from backend.settings import Settings


@dataclass(frozen=True, slots=True)
class Resources:
    """Settings, connections and keys of one process."""

    settings: Settings
    database: Database
    vault: Vault
    clock: Clock
    http: httpx.AsyncClient

    async def close(self) -> None:
        """Close what holds sockets."""
        await self.http.aclose()
        await self.database.close()


def build_resources(settings: Settings, url: str, *, clock: Clock | None = None) -> Resources:
    """Resources for a database address; connects to nothing yet."""
    return Resources(
        settings=settings,
        database=create_database(url, pool_size=settings.database_pool_size),
        vault=build_vault(settings),
        clock=clock or SystemClock(),
        http=httpx.AsyncClient(timeout=settings.assistant_timeout_s, trust_env=False),
    )


def build_vault(settings: Settings) -> Vault:
    """The vault with the settings' keys."""
    return Vault(
        current=settings.contact_key,
        retired=settings.contact_keys_retired,
        hash_key=settings.hash_key,
    )


def get_resources(connection: HTTPConnection) -> Resources:
    """FastAPI dependency, for HTTP and WebSocket alike."""
    resources: Resources = connection.app.state.resources
    return resources


ResourcesDep = Annotated[Resources, Depends(get_resources)]
