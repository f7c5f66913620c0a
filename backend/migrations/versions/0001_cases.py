"""Staff, cases with append-only events, tries, call-backs

Revision ID: 0001
Revises:
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_APPEND_ONLY = ("case_event", "audit_log")
_TABLES = (
    "staff_account",
    "staff_token",
    "failed_try",
    "cases",
    "case_event",
    "case_supporter",
    "case_rating",
    "idempotency_key",
    "audit_log",
    "callback",
)


def upgrade() -> None:
    _create_staff_account()
    _create_staff_token()
    _create_failed_try()
    _create_cases()
    _create_case_event()
    _create_case_supporter()
    _create_case_rating()
    _create_idempotency_key()
    _create_audit_log()
    _create_callback()
    _make_append_only()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.execute("drop function guanjia_append_only")


def _make_append_only() -> None:
    """History cannot be changed, whoever writes to the database."""
    op.execute(
        """
        create function guanjia_append_only() returns trigger language plpgsql as $$
        begin
            raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
        end $$
        """
    )
    for table in _APPEND_ONLY:
        op.execute(
            f"create trigger {table}_append_only before update or delete on {table}"
            " for each row execute function guanjia_append_only()"
        )
        op.execute(
            f"create trigger {table}_no_truncate before truncate on {table}"
            " for each statement execute function guanjia_append_only()"
        )


def _create_staff_account() -> None:
    op.create_table(
        "staff_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("town", sa.Text(), nullable=True),
        sa.Column("village", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.CheckConstraint(
            "role <> 'town' or town is not null", name="ck_staff_account_town_has_place"
        ),
        sa.CheckConstraint(
            "role <> 'village' or village is not null", name="ck_staff_account_village_has_place"
        ),
        sa.CheckConstraint(
            "role in ('hotline', 'village', 'town', 'city', 'auditor')",
            name="ck_staff_account_role_known",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_staff_account"),
        sa.UniqueConstraint("username", name="uq_staff_account_username"),
    )


def _create_staff_token() -> None:
    op.create_table(
        "staff_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff_account.id"],
            name="fk_staff_token_staff_id_staff_account",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_staff_token"),
        sa.UniqueConstraint("token_hash", name="uq_staff_token_token_hash"),
    )
    op.create_index("ix_staff_token_staff_id", "staff_token", ["staff_id"])


def _create_failed_try() -> None:
    op.create_table(
        "failed_try",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_failed_try"),
    )
    op.create_index("ix_failed_try_scope_subject_at", "failed_try", ["scope", "subject", "at"])


def _create_cases() -> None:
    op.create_table(
        "cases",
        *_case_matter(),
        *_case_people_and_times(),
        sa.CheckConstraint(
            "category in ('weishishi', 'weixinyuan', 'out_of_scope')",
            name="ck_cases_category_known",
        ),
        sa.CheckConstraint(
            "village is null or village like town || '%'", name="ck_cases_village_in_town"
        ),
        sa.ForeignKeyConstraint(["merged_into"], ["cases.id"], name="fk_cases_merged_into_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("case_no", name="uq_cases_case_no"),
    )
    op.create_index("ix_cases_conversation_id_id", "cases", ["conversation_id", "id"])
    op.create_index(
        "ix_cases_due_at", "cases", ["due_at"], postgresql_where=sa.text("due_at is not null")
    )
    op.create_index("ix_cases_filed_by_id", "cases", ["filed_by", "id"])
    op.create_index("ix_cases_phone_hash", "cases", ["phone_hash"])
    op.create_index("ix_cases_status_id", "cases", ["status", "id"])
    op.create_index("ix_cases_town_id", "cases", ["town", "id"])
    op.create_index("ix_cases_type_village_id", "cases", ["type", "village", "id"])
    op.create_index("ix_cases_village_id", "cases", ["village", "id"])


def _case_matter() -> list[sa.Column[Any]]:
    """What the case is about."""
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("resume_to", sa.Text(), nullable=True),
        sa.Column("town", sa.Text(), nullable=True),
        sa.Column("village", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("beneficiaries", sa.BigInteger(), nullable=True),
        sa.Column("amount_cny", sa.BigInteger(), nullable=True),
        sa.Column("groups", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("phone_hash", sa.Text(), nullable=True),
        sa.Column("proof_hash", sa.Text(), nullable=True),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
    ]


def _case_people_and_times() -> list[sa.Column[Any]]:
    """Who, when, until when."""
    return [
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("external_ref", sa.Text(), nullable=True),
        sa.Column("external_due_at", _TIME, nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("labelled_by", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("entered_at", _TIME, nullable=False),
        sa.Column("confirmed_at", _TIME, nullable=True),
        sa.Column("due_event", sa.Text(), nullable=True),
        sa.Column("due_what", sa.Text(), nullable=True),
        sa.Column("due_at", _TIME, nullable=True),
        sa.Column("due_basis", sa.Text(), nullable=True),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("due_local", sa.Text(), nullable=True),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
    ]


def _create_case_event() -> None:
    op.create_table(
        "case_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("actor_label", sa.Text(), nullable=True),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("audience in ('public', 'staff')", name="ck_case_event_audience_known"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_event_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_case_event"),
    )
    op.create_index("ix_case_event_case_id_id", "case_event", ["case_id", "id"])


def _create_case_supporter() -> None:
    op.create_table(
        "case_supporter",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_supporter_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", "who", name="pk_case_supporter"),
    )


def _create_case_rating() -> None:
    op.create_table(
        "case_rating",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("resolved", sa.Boolean(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.CheckConstraint("score between 1 and 5", name="ck_case_rating_score_range"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_rating_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_case_rating"),
    )
    op.create_index("ix_case_rating_case_id", "case_rating", ["case_id"])


def _create_idempotency_key() -> None:
    op.create_table(
        "idempotency_key",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_idempotency_key_case_id_cases"),
        sa.PrimaryKeyConstraint("actor", "key", name="pk_idempotency_key"),
    )


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_audit_log_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_case_id", "audit_log", ["case_id"])


def _create_callback() -> None:
    op.create_table(
        "callback",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.CheckConstraint("status in ('open', 'done')", name="ck_callback_status_known"),
        sa.PrimaryKeyConstraint("id", name="pk_callback"),
    )
    op.create_index("ix_callback_status_id", "callback", ["status", "id"])
    op.create_index(
        "uq_callback_open",
        "callback",
        ["conversation_id", "reason"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
