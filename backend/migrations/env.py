"""Alembic's entry: one connection, one transaction for all pending migrations.

An advisory lock makes processes that start together wait for each other.
"""

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

_MIGRATION_LOCK = 4_419_001


def run() -> None:
    """Run the pending migrations on the database named in the configuration."""
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        context.configure(connection=connection, target_metadata=None)
        context.run_migrations()
    engine.dispose()


run()
