"""Notices in promised words, followers who left, reminders read, clean-up of what has expired

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_EXPIRING = (
    ("failed_try", "at"),
    ("idempotency_key", "created_at"),
    ("staff_token", "expires_at"),
    ("job_period", "at"),
)


def upgrade() -> None:
    op.add_column("notice", sa.Column("promised", postgresql.JSONB(), nullable=True))
    _index_waiting("state = 'waiting' and channel is null and promised is null")
    op.add_column("case_follower", sa.Column("ended_at", _TIME, nullable=True))
    op.add_column("desk_filing", sa.Column("notice_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "fk_desk_filing_notice_id_notice", "desk_filing", "notice", ["notice_id"], ["id"]
    )
    _create_reminder_read()
    for table, column in _EXPIRING:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for table, column in _EXPIRING:
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_table("deadline_reminder_read")
    op.drop_constraint("fk_desk_filing_notice_id_notice", "desk_filing")
    op.drop_column("desk_filing", "notice_id")
    op.drop_column("case_follower", "ended_at")
    op.execute("update notice set state = 'skipped' where promised is not null")
    _index_waiting("state = 'waiting' and channel is null")
    op.drop_column("notice", "promised")


def _index_waiting(where: str) -> None:
    """One notice of a follower waits for further steps; a promised text takes none in."""
    op.drop_index("uq_notice_waiting", "notice")
    op.create_index(
        "uq_notice_waiting",
        "notice",
        ["case_id", "follower_id"],
        unique=True,
        postgresql_where=sa.text(where),
    )


def _create_reminder_read() -> None:
    op.create_table(
        "deadline_reminder_read",
        sa.Column("reminder_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["reminder_id"],
            ["deadline_reminder.id"],
            name="fk_deadline_reminder_read_reminder_id_deadline_reminder",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff_account.id"],
            name="fk_deadline_reminder_read_staff_id_staff_account",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("staff_id", "reminder_id", name="pk_deadline_reminder_read"),
    )
