"""Searches skip to the neighbours in time they look through; one's own list needs its index alone

Writes to ``cases`` wait while the indexes are built; reading goes on until the old ones are dropped.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_PARTS = {"ix_cases_found_open": "is_open", "ix_cases_found_ended": "not is_open"}
_ASSIGNEE = "ix_cases_open_assignee_sort_due_id"
_SCOPE = ("town", "village", "filed_by")


def upgrade() -> None:
    _replace(["facets", "words"], _SCOPE)


def downgrade() -> None:
    _replace(["words", "facets"], ())


def _replace(columns: list[str], included: tuple[str, ...]) -> None:
    op.execute("set local maintenance_work_mem = '256MB'")
    for name in (*_PARTS, _ASSIGNEE):
        op.execute(f"alter index {name} rename to {name}_old")
    for name, part in _PARTS.items():
        op.create_index(
            name,
            "cases",
            columns,
            postgresql_using="gin",
            postgresql_where=sa.text(part),
            postgresql_with={"gin_pending_list_limit": "256"},
        )
    op.create_index(
        _ASSIGNEE,
        "cases",
        ["assignee", "sort_due", "id"],
        postgresql_where=sa.text("is_open"),
        postgresql_include=included,
    )
    for name in (*_PARTS, _ASSIGNEE):
        op.drop_index(f"{name}_old", "cases")
