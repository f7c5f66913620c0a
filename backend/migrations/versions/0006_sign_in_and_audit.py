"""Page sessions, first-sign-in password change, supervisors; the audit log becomes a chain

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_ROLES = ("hotline", "village", "town", "city", "auditor")


def upgrade() -> None:
    op.add_column(
        "staff_account",
        sa.Column("must_change_password", sa.Boolean(), server_default="false", nullable=False),
    )
    op.alter_column("staff_account", "must_change_password", server_default=None)
    op.add_column("staff_account", sa.Column("last_sign_in_at", _TIME, nullable=True))
    _set_roles((*_ROLES, "supervisor"))
    op.add_column("staff_token", sa.Column("kind", sa.Text(), server_default="api", nullable=False))
    op.alter_column("staff_token", "kind", server_default=None)
    op.add_column("staff_token", sa.Column("seen_at", _TIME, nullable=True))
    op.create_check_constraint(
        "ck_staff_token_kind_known", "staff_token", "kind in ('api', 'page')"
    )
    _chain_audit_log()


def downgrade() -> None:
    for column in ("address", "previous", "mac"):
        op.drop_column("audit_log", column)
    op.add_column("audit_log", sa.Column("case_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("fk_audit_log_case_id_cases", "audit_log", "cases", ["case_id"], ["id"])
    op.create_index("ix_audit_log_case_id", "audit_log", ["case_id"])
    _rewrite("update audit_log a set case_id = c.id from cases c where c.case_no = a.case_no")
    op.drop_column("audit_log", "case_no")
    op.drop_constraint("ck_staff_token_kind_known", "staff_token")
    op.drop_column("staff_token", "seen_at")
    op.drop_column("staff_token", "kind")
    _set_roles(_ROLES)
    op.drop_column("staff_account", "last_sign_in_at")
    op.drop_column("staff_account", "must_change_password")


def _set_roles(roles: tuple[str, ...]) -> None:
    op.drop_constraint("ck_staff_account_role_known", "staff_account")
    known = ", ".join(f"'{role}'" for role in roles)
    op.create_check_constraint("ck_staff_account_role_known", "staff_account", f"role in ({known})")


def _chain_audit_log() -> None:
    """Entries name cases by number; the chain begins with the next entry written."""
    op.add_column("audit_log", sa.Column("case_no", sa.Text(), nullable=True))
    _rewrite("update audit_log a set case_no = c.case_no from cases c where c.id = a.case_id")
    op.drop_column("audit_log", "case_id")
    op.add_column("audit_log", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("audit_log", sa.Column("previous", sa.Text(), nullable=True))
    op.add_column("audit_log", sa.Column("mac", sa.Text(), nullable=True))
    op.create_index("ix_audit_log_case_no", "audit_log", ["case_no"])
    op.create_index("ix_audit_log_staff_id", "audit_log", ["staff", "id"])


def _rewrite(statement: str) -> None:
    op.execute("alter table audit_log disable trigger audit_log_append_only")
    op.execute(statement)
    op.execute("alter table audit_log enable trigger audit_log_append_only")
