"""The work list: who holds a case, what is due, words to search, versions, saved views

Revision ID: 0008
Revises: 0007
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_PLAIN_NAMES = (
    "version",
    "holder",
    "assignee",
    "first_receiver",
    "source",
    "proposer_kind",
    "extension_days",
    "urged_at",
)
_NO_DEADLINE = "9999-12-31 00:00:00+00"
_DUE = f"coalesce(least(due_at, external_due_at), timestamptz '{_NO_DEADLINE}')"
_OPEN = "status <> all (array['withdrawn', 'merged', 'refused', 'feedback'])"
_WORDS = (
    "guanjia_bigrams(left(summary || ' ' || description || ' ' || coalesce(address, ''), 4000))"
)
_LISTS = (
    ("sort_due", "id"),
    ("holder", "sort_due", "id"),
    ("town", "sort_due", "id"),
    ("town", "holder", "sort_due", "id"),
    ("village", "sort_due", "id"),
    ("assignee", "sort_due", "id"),
    ("filed_by", "sort_due", "id"),
)


def upgrade() -> None:
    for column in _plain():
        op.add_column("cases", column)
    for name in ("version", "holder"):
        op.alter_column("cases", name, server_default=None)
    op.execute(
        "update cases set holder = case"
        " when status in ('withdrawn', 'merged', 'refused', 'feedback') then 'nobody'"
        " when status in ('policy_handling', 'referred') then 'department'"
        " when status = 'suspended' then 'later'"
        " when category <> 'out_of_scope' and status in ('review', 'assessment') then 'town'"
        " when category = 'out_of_scope' and status = 'received' then 'hotline'"
        " else 'village' end"
    )
    _create_words()
    for name, kind, expression in (
        ("sort_due", _TIME, _DUE),
        ("is_open", sa.Boolean(), _OPEN),
        ("words", postgresql.ARRAY(sa.Text()), _WORDS),
    ):
        computed = sa.Computed(expression, persisted=True)
        op.add_column("cases", sa.Column(name, kind, computed, nullable=False))
    for columns in _LISTS:
        op.create_index(
            f"ix_cases_open_{'_'.join(columns)}",
            "cases",
            list(columns),
            postgresql_where=sa.text("is_open"),
        )
    op.create_index("ix_cases_words", "cases", ["words"], postgresql_using="gin")
    op.create_index("ix_cases_external_ref", "cases", ["external_ref"])
    _create_saved_view()


def downgrade() -> None:
    op.drop_table("saved_view")
    op.drop_index("ix_cases_external_ref", "cases")
    op.drop_index("ix_cases_words", "cases")
    for columns in _LISTS:
        op.drop_index(f"ix_cases_open_{'_'.join(columns)}", "cases")
    for name in ("words", "is_open", "sort_due"):
        op.drop_column("cases", name)
    op.execute("drop function guanjia_bigrams")
    for name in reversed(_PLAIN_NAMES):
        op.drop_column("cases", name)


def _plain() -> list[sa.Column[Any]]:
    return [
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("holder", sa.Text(), server_default="village", nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("first_receiver", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("proposer_kind", sa.Text(), nullable=True),
        sa.Column("extension_days", sa.BigInteger(), nullable=True),
        sa.Column("urged_at", _TIME, nullable=True),
    ]


def _create_words() -> None:
    """Pairs of neighbouring characters: Chinese words are found without a dictionary."""
    op.execute(
        """
        create function guanjia_bigrams(said text) returns text[]
        language sql immutable strict parallel safe as $$
            select coalesce(array_agg(distinct pair), '{}') from (
                select one || lead(one) over (order by place) as pair
                from unnest(string_to_array(lower(said), null)) with ordinality as u(one, place)
            ) as pairs where pair is not null and pair !~ '[[:space:]]'
        $$
        """
    )


def _create_saved_view() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff_account.id"],
            name="fk_saved_view_staff_id_staff_account",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.UniqueConstraint("staff_id", "name", name="uq_saved_view_staff_id_name"),
    )
