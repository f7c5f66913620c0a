"""What anybody may read, who wants to claim it, numbers that were counted

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_STAGES = ("before", "on", "after", "escalated_town", "escalated_city")


def upgrade() -> None:
    _create_publication()
    _create_claim_offer()
    op.create_table(
        "counted",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("numbers", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counted"),
    )
    _allow_stages((*_STAGES, "offer"))


def downgrade() -> None:
    op.execute("delete from deadline_reminder where stage = 'offer'")
    _allow_stages(_STAGES)
    for table in ("counted", "claim_offer", "publication"):
        op.drop_table(table)


def _create_publication() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("case_id", sa.BigInteger, nullable=False),
        sa.Column("section", sa.Text),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("town", sa.Text),
        sa.Column("village", sa.Text),
        sa.Column("words", postgresql.JSONB, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("listed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_publication"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_publication_case_id_cases"),
        sa.UniqueConstraint("case_id", name="uq_publication_case_id"),
        sa.CheckConstraint(
            "section in ('notice', 'hall', 'under_way', 'result')",
            name=op.f("ck_publication_section"),
        ),
    )
    for columns in (["section", "listed_at", "id"], ["section", "town", "listed_at", "id"]):
        op.create_index(
            f"ix_publication_{'_'.join(columns)}",
            "publication",
            columns,
            postgresql_where=sa.text("section is not null"),
        )


def _create_claim_offer() -> None:
    op.create_table(
        "claim_offer",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("case_id", sa.BigInteger, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("phone_hash", sa.Text, nullable=False),
        sa.Column("closed_at", _TIME),
        sa.Column("closed_by", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_claim_offer"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_claim_offer_case_id_cases"),
        sa.UniqueConstraint("case_id", "phone_hash", name="uq_claim_offer_case_id_phone_hash"),
        sa.CheckConstraint(
            "outcome in ('agreed', 'declined', 'not_reached', 'lapsed')",
            name=op.f("ck_claim_offer_outcome"),
        ),
    )
    op.create_index("ix_claim_offer_closed_at", "claim_offer", ["closed_at"])


def _allow_stages(stages: tuple[str, ...]) -> None:
    name = op.f("ck_deadline_reminder_stage_known")
    op.drop_constraint(name, "deadline_reminder", type_="check")
    listed = ", ".join(f"'{stage}'" for stage in stages)
    op.create_check_constraint(name, "deadline_reminder", f"stage in ({listed})")
