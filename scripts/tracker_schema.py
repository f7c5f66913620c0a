"""Makes the schema in which Rasa keeps its conversations: `python -m scripts.tracker_schema NAME`."""

from __future__ import annotations

import sys

import psycopg
from psycopg import sql

from backend.core.postgres import libpq_url
from backend.settings import load_settings


def ensure(url: str, schema: str) -> None:
    """Creates the schema unless it is there; `url` is a libpq address."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))


if __name__ == "__main__":
    ensure(libpq_url(load_settings()), sys.argv[1])
