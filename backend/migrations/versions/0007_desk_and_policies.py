"""The hotline desk's drafts, filings and labelled data; policies and what became of them

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_TEXTS = postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    _create_drafts()
    _create_filings()
    _create_policies()


def downgrade() -> None:
    for table in (
        "case_policy", "policy", "desk_label", "desk_filing", "desk_draft", "desk_batch"
    ):  # fmt: skip
        op.drop_table(table)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True)


def _create_drafts() -> None:
    op.create_table(
        "desk_batch",
        _id(),
        sa.Column("token", sa.Text(), nullable=False),
        sa.UniqueConstraint("token", name="uq_desk_batch_token"),
        sa.Column("agent", sa.Text(), nullable=False, index=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
    )
    op.create_table(
        "desk_draft",
        _id(),
        sa.Column("token", sa.Text(), nullable=False),
        sa.UniqueConstraint("token", name="uq_desk_draft_token"),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column(
            "batch_id", sa.BigInteger(), sa.ForeignKey("desk_batch.id"), nullable=True, index=True
        ),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("doubt", sa.Float(), nullable=True),
        sa.Column("cards", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("danger", _TEXTS, nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=True),
        sa.Column("external_due", _TIME, nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("opened_at", _TIME, nullable=True),
        sa.Column("closed_at", _TIME, nullable=True),
        sa.CheckConstraint(
            "state in ('queued', 'ready', 'failed', 'closed')", name="ck_desk_draft_state_known"
        ),
    )
    op.create_index("ix_desk_draft_agent_state_id", "desk_draft", ["agent", "state", "id"])
    op.create_index(
        "ix_desk_draft_closed_at",
        "desk_draft",
        ["closed_at"],
        postgresql_where=sa.text("sealed is not null and closed_at is not null"),
    )


def _create_filings() -> None:
    op.create_table(
        "desk_filing",
        _id(),
        sa.Column("draft_id", sa.BigInteger(), sa.ForeignKey("desk_draft.id"), nullable=False),
        sa.Column("card", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), sa.ForeignKey("cases.id"), nullable=True, index=True),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("undone_at", _TIME, nullable=True),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("edits", sa.BigInteger(), nullable=False),
        sa.Column("supporter", sa.Text(), nullable=True),
        sa.Column("sms", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind in ('filed', 'joined', 'dismissed')", name="ck_desk_filing_kind_known"
        ),
    )
    op.create_index(
        "uq_desk_filing_draft_id_card",
        "desk_filing",
        ["draft_id", "card"],
        unique=True,
        postgresql_where=sa.text("undone_at is null"),
    )
    op.create_index("ix_desk_filing_agent_at", "desk_filing", ["agent", "at"])
    op.create_table(
        "desk_label",
        _id(),
        sa.Column(
            "filing_id",
            sa.BigInteger(),
            sa.ForeignKey("desk_filing.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("machine_value", sa.Text(), nullable=True),
        sa.Column("agent_value", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("changed", sa.Boolean(), nullable=False),
    )


def _create_policies() -> None:
    op.create_table(
        "policy",
        _id(),
        sa.Column("code", sa.Text(), nullable=False),
        sa.UniqueConstraint("code", name="uq_policy_code"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("types", _TEXTS, nullable=False),
        sa.Column("groups", _TEXTS, nullable=False),
        sa.Column("keywords", _TEXTS, nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("materials", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("imported_at", _TIME, nullable=False),
    )
    op.create_table(
        "case_policy",
        _id(),
        sa.Column(
            "case_id", sa.BigInteger(), sa.ForeignKey("cases.id"), nullable=False, index=True
        ),
        sa.Column(
            "policy_id", sa.BigInteger(), sa.ForeignKey("policy.id"), nullable=False, index=True
        ),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.CheckConstraint(
            "outcome in ('handled', 'not_solved', 'unsatisfied')",
            name="ck_case_policy_outcome_known",
        ),
    )
