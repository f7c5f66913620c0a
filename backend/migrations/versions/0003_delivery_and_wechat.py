"""Delivery of messages, photos kept as evidence, and what WeChat needs

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.alter_column("conversation", "last_inbound_at", nullable=True)
    op.add_column("conversation", sa.Column("sealed_address", sa.Text))
    op.add_column("conversation", sa.Column("card_village", sa.Text))
    op.add_column("conversation", sa.Column("card_until", _TIME))
    op.add_column("inbound_message", sa.Column("answer_by", _TIME))
    op.add_column("outbound_message", sa.Column("attempt_at", _TIME))
    op.add_column("outbound_message", sa.Column("via", sa.Text))
    op.create_index("ix_outbound_message_state", "outbound_message", ["state", "id"])
    op.create_index("ix_outbound_message_receipt", "outbound_message", ["receipt"])
    _create_delivery_event()
    _create_evidence()
    _create_wechat()


def downgrade() -> None:
    for table in (
        "wechat_contact",
        "wechat_nonce",
        "wechat_access_token",
        "evidence",
        "delivery_event",
    ):
        op.drop_table(table)
    for index in ("ix_outbound_message_receipt", "ix_outbound_message_state"):
        op.drop_index(index, "outbound_message")
    for table, column in (
        ("outbound_message", "via"),
        ("outbound_message", "attempt_at"),
        ("inbound_message", "answer_by"),
        ("conversation", "card_until"),
        ("conversation", "card_village"),
        ("conversation", "sealed_address"),
    ):
        op.drop_column(table, column)
    op.execute("update conversation set last_inbound_at = created_at where last_inbound_at is null")
    op.alter_column("conversation", "last_inbound_at", nullable=False)


def _create_delivery_event() -> None:
    op.create_table(
        "delivery_event",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("outbound_id", sa.BigInteger, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("via", sa.Text),
        sa.Column("receipt", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("actor", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_event"),
        sa.ForeignKeyConstraint(
            ["outbound_id"],
            ["outbound_message.id"],
            name="fk_delivery_event_outbound_id_outbound_message",
        ),
    )
    op.create_index("ix_delivery_event_outbound", "delivery_event", ["outbound_id", "id"])


def _create_evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("conversation_id", sa.Uuid, nullable=False),
        sa.Column("inbound_id", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("refusal", sa.Text),
        sa.Column("sealed", sa.Text),
        sa.Column("media_type", sa.Text),
        sa.Column("width", sa.BigInteger),
        sa.Column("height", sa.BigInteger),
        sa.Column("sha256", sa.Text),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("kept_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_evidence_conversation_id_conversation",
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"],
            ["inbound_message.id"],
            name="fk_evidence_inbound_id_inbound_message",
        ),
        sa.UniqueConstraint("inbound_id", name="uq_evidence_inbound_id"),
        sa.CheckConstraint(
            "state in ('pending', 'kept', 'refused')", name=op.f("ck_evidence_state")
        ),
    )
    op.create_index("ix_evidence_conversation", "evidence", ["conversation_id", "id"])


def _create_wechat() -> None:
    op.create_table(
        "wechat_access_token",
        sa.Column("app_id", sa.Text, nullable=False),
        sa.Column("sealed", sa.Text),
        sa.Column("expires_at", _TIME),
        sa.Column("forced_at", _TIME),
        sa.PrimaryKeyConstraint("app_id", name="pk_wechat_access_token"),
    )
    op.create_table(
        "wechat_nonce",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("body_digest", sa.Text, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_wechat_nonce"),
    )
    op.create_index("ix_wechat_nonce_seen_at", "wechat_nonce", ["seen_at"])
    op.create_table(
        "wechat_contact",
        sa.Column("conversation_id", sa.Uuid, nullable=False),
        sa.Column("is_following", sa.Boolean, nullable=False),
        sa.Column("window_until", _TIME),
        sa.Column("window_left", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_wechat_contact"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_wechat_contact_conversation_id_conversation",
        ),
    )
