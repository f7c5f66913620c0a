"""Bring a database to the newest schema: ``python -m backend.core.migrate``."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from backend.core.postgres import database_url
from backend.settings import load_settings

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def alembic_config(url: str) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Run all migrations up to a revision; a database that is there already is left alone."""
    command.upgrade(alembic_config(url), revision)


if __name__ == "__main__":
    upgrade(database_url(load_settings()))
