"""Real PostgreSQL for tests: one embedded server, a fresh migrated database per session."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from backend.core.migrate import upgrade
from backend.core.postgres import DRIVER, USER, socket_url, start_embedded

_DATA = Path(__file__).parents[2] / "var" / "test-pg"


@contextmanager
def fresh_database() -> Iterator[str]:
    """The address of a migrated database that exists while the block runs."""
    name = f"t{os.getpid()}_{secrets.token_hex(4)}"
    socket_dir = start_embedded(_DATA, name)
    url = socket_url(socket_dir, name)
    upgrade(url)
    try:
        yield url
    finally:
        with psycopg.connect(
            host=socket_dir, user=USER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )


def libpq(url: str) -> str:
    """The address without a driver's name."""
    return url.replace(f"+{DRIVER}", "", 1)
