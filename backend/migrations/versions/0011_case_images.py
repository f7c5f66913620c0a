"""Photos that staff add to a case

Revision ID: 0011
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

_ORIGIN = (
    "num_nonnulls(conversation_id, inbound_id) = 2 and num_nonnulls(case_id, added_by) = 0"
    " or num_nonnulls(conversation_id, inbound_id) = 0 and num_nonnulls(case_id, added_by) = 2"
)


def upgrade() -> None:
    for name in ("conversation_id", "inbound_id"):
        op.alter_column("evidence", name, nullable=True)
    op.add_column("evidence", sa.Column("case_id", sa.BigInteger()))
    op.add_column("evidence", sa.Column("added_by", sa.Text()))
    op.add_column("evidence", sa.Column("caption", sa.Text()))
    op.create_foreign_key("fk_evidence_case_id_cases", "evidence", "cases", ["case_id"], ["id"])
    op.create_check_constraint(op.f("ck_evidence_one_origin"), "evidence", _ORIGIN)
    op.create_index("ix_evidence_case_id", "evidence", ["case_id"])


def downgrade() -> None:
    op.execute("delete from evidence where case_id is not null")
    for name in ("case_id", "added_by", "caption"):
        op.drop_column("evidence", name)
    for name in ("conversation_id", "inbound_id"):
        op.alter_column("evidence", name, nullable=False)
