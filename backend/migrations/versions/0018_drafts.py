"""Open drafts that may go on from another channel

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "kept_draft",
        sa.Column("draft_id", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("phone_hash", sa.Text),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("code_hash", sa.Text),
        sa.Column("code_until", _TIME),
        sa.Column("code_used_at", _TIME),
        sa.Column("offered_at", _TIME),
        sa.PrimaryKeyConstraint("draft_id", name="pk_kept_draft"),
        sa.UniqueConstraint("code_hash", name="uq_kept_draft_code_hash"),
    )
    for column in ("phone_hash", "updated_at"):
        op.create_index(f"ix_kept_draft_{column}", "kept_draft", [column])
    op.create_table(
        "moved_draft",
        sa.Column("draft_id", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("to_channel", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "conversation_id", name="pk_moved_draft"),
    )
    op.create_index("ix_moved_draft_at", "moved_draft", ["at"])


def downgrade() -> None:
    for table in ("moved_draft", "kept_draft"):
        op.drop_table(table)
