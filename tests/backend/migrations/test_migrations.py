"""Migrations and models agree."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

import backend.app
import backend.callbacks.models
import backend.cases.models
import backend.core.throttle
import backend.staff.models
from backend.core.migrate import upgrade
from backend.core.models import Base

MODELS = (backend.app, backend.callbacks, backend.cases, backend.core, backend.staff)


def _ours(_: object, name: str | None, kind: str, reflected: bool, compared: object) -> bool:
    """Leave out tables that are not models of ours: the job queue's, the assistant's."""
    return not (kind == "table" and reflected and compared is None) or name in Base.metadata.tables


def test_models_equal_the_migrated_schema(database_address: str) -> None:
    engine = create_engine(database_address, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _ours})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_again_changes_nothing(database_address: str) -> None:
    upgrade(database_address)
