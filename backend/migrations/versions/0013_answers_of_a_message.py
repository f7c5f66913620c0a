"""The answers of a message are found without reading the whole table

Revision ID: 0013
Revises: 0011
"""

from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_outbound_message_inbound", "outbound_message", ["inbound_id"])


def downgrade() -> None:
    op.drop_index("ix_outbound_message_inbound", "outbound_message")
