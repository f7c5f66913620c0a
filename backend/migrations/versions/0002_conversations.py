"""Conversations, their messages, and the job queue

Revision ID: 0002
Revises: 0001
"""

from importlib import resources

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_queue()
    _create_conversation()
    _create_inbound()
    _create_outbound()


def downgrade() -> None:
    for table in ("outbound_message", "inbound_message", "conversation"):
        op.drop_table(table)


def _create_queue() -> None:
    """Procrastinate's own schema (its 3.10); later releases bring their migrations as files."""
    schema = resources.files("procrastinate.sql").joinpath("schema.sql").read_text("utf-8")
    connection = op.get_bind().execution_options(no_parameters=True)
    connection.exec_driver_sql(schema)


def _create_conversation() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("address_hash", sa.Text, nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("last_inbound_at", _TIME, nullable=False),
        sa.Column("outage_told_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_conversation"),
        sa.UniqueConstraint("channel", "address_hash", name="uq_conversation_channel_address_hash"),
    )


def _create_inbound() -> None:
    op.create_table(
        "inbound_message",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("conversation_id", sa.Uuid, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("turn_state", sa.Text, nullable=False),
        sa.Column("turn_ended_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_inbound_message"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_inbound_message_conversation_id_conversation",
        ),
        sa.UniqueConstraint(
            "channel", "external_id", name="uq_inbound_message_channel_external_id"
        ),
        sa.UniqueConstraint(
            "conversation_id", "seq", name="uq_inbound_message_conversation_id_seq"
        ),
        sa.CheckConstraint(
            "turn_state in ('queued', 'answered', 'abandoned')",
            name=op.f("ck_inbound_message_turn_state"),
        ),
    )
    op.create_index(
        "ix_inbound_message_received", "inbound_message", ["conversation_id", "received_at"]
    )


def _create_outbound() -> None:
    op.create_table(
        "outbound_message",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("conversation_id", sa.Uuid, nullable=False),
        sa.Column("inbound_id", sa.BigInteger),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("dedupe_key", sa.Text, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("is_urgent", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("failure", sa.Text),
        sa.Column("receipt", sa.Text),
        sa.Column("attempts", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("sent_at", _TIME),
        sa.Column("delivered_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_outbound_message"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name="fk_outbound_message_conversation_id_conversation",
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"],
            ["inbound_message.id"],
            name="fk_outbound_message_inbound_id_inbound_message",
        ),
        sa.UniqueConstraint("dedupe_key", name="uq_outbound_message_dedupe_key"),
        sa.UniqueConstraint(
            "conversation_id", "seq", name="uq_outbound_message_conversation_id_seq"
        ),
        sa.CheckConstraint(
            "state in ('queued', 'sent', 'delivered', 'failed', 'unknown')",
            name=op.f("ck_outbound_message_state"),
        ),
    )
    op.create_index(
        "ix_outbound_message_undelivered", "outbound_message", ["conversation_id", "state"]
    )
