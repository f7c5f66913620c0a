"""The number a text message came from, sealed, for the case that is filed from it.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("phone_proof", sa.Column("sealed", sa.Text))


def downgrade() -> None:
    op.drop_column("phone_proof", "sealed")
