"""Telephone numbers: proof, stops; nonces of the text-message gateway

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "phone_proof",
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("phone_hash", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_phone_proof"),
    )
    op.create_table(
        "phone_stop",
        sa.Column("phone_hash", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("phone_hash", name="pk_phone_stop"),
        sa.CheckConstraint(
            "reason in ('opted_out', 'wrong_number')", name=op.f("ck_phone_stop_reason")
        ),
    )
    op.create_table(
        "sms_nonce",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sms_nonce"),
    )
    op.create_index("ix_sms_nonce_seen_at", "sms_nonce", ["seen_at"])


def downgrade() -> None:
    for table in ("sms_nonce", "phone_stop", "phone_proof"):
        op.drop_table(table)
