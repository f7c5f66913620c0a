"""Working days, pauses and extensions, reminders, follow-ups; notices and their log

Revision ID: 0005
Revises: 0004
"""

from datetime import date, timedelta
from importlib.metadata import version

import chinese_calendar
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_FIRST_YEAR = 2020
_RESTARTS = ("恢复办理", "重新办理", "退回修改", "部门退回", "转入本项目办理")
_TABLES = (
    "calendar_day",
    "job_period",
    "case_follower",
    "case_clock_change",
    "follow_up",
    "deadline_reminder",
    "notice",
    "notice_step",
    "notice_dispatch",
    "notice_preference",
)


def upgrade() -> None:
    _create_calendar_day()
    _create_job_period()
    _extend_cases()
    _create_case_follower()
    _create_case_clock_change()
    _create_follow_up()
    _create_deadline_reminder()
    _create_notice()
    _create_notice_log()
    _extend_callback()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    for column in ("due_started_at", "due_verb", "due_paused_at"):
        op.drop_column("cases", column)
    op.drop_index("ix_callback_village_id", "callback")
    for column in ("case_no", "town", "village"):
        op.drop_column("callback", column)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def _of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=f"fk_{table}_case_id_cases")


def _append_only(table: str) -> None:
    op.execute(
        f"create trigger {table}_append_only before update or delete on {table}"
        " for each row execute function guanjia_append_only()"
    )


def _create_calendar_day() -> None:
    table = op.create_table(
        "calendar_day",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("is_workday", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=True),
        sa.Column("changed_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("date", name="pk_calendar_day"),
    )
    source = f"chinesecalendar {version('chinesecalendar')}"
    rows = [{"date": day, "is_workday": worked, "source": source} for day, worked in _published()]
    op.bulk_insert(table, rows)


def _published() -> list[tuple[date, bool]]:
    days: list[tuple[date, bool]] = []
    day = date(_FIRST_YEAR, 1, 1)
    while True:
        try:
            days.append((day, chinese_calendar.is_workday(day)))
        except NotImplementedError:
            return days
        day += timedelta(days=1)


def _create_job_period() -> None:
    op.create_table(
        "job_period",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("job", "period", name="pk_job_period"),
    )


def _extend_cases() -> None:
    """Where each running clock began; earlier rows are told by their own times."""
    op.add_column("cases", sa.Column("due_started_at", _TIME, nullable=True))
    op.add_column("cases", sa.Column("due_verb", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("due_paused_at", _TIME, nullable=True))
    op.execute(
        """
        update cases set due_started_at = case
            when due_event in ('project_received', 'wish_received') then created_at
            when due_event in ('works_confirmed', 'service_confirmed')
                then coalesce(confirmed_at, entered_at)
            else entered_at end
        where due_event is not null
        """
    )
    again = sa.text(
        """
        update cases set due_started_at = entered_at, due_verb = verb
        from unnest(cast(:verbs as text[])) as verb
        where due_event is not null and right(split_part(due_basis, '，', 1), length(verb)) = verb
        """
    )
    op.get_bind().execute(again, {"verbs": list(_RESTARTS)})


def _create_case_follower() -> None:
    op.create_table(
        "case_follower",
        _id(),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.CheckConstraint("role in ('reporter', 'supporter')", name="ck_case_follower_role_known"),
        _of_case("case_follower"),
        sa.PrimaryKeyConstraint("id", name="pk_case_follower"),
        sa.UniqueConstraint(
            "case_id", "conversation_id", name="uq_case_follower_case_id_conversation_id"
        ),
    )
    op.create_index(
        "uq_case_follower_reporter",
        "case_follower",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("role = 'reporter'"),
    )
    op.execute(
        "insert into case_follower (case_id, role, conversation_id, at)"
        " select id, 'reporter', conversation_id, created_at from cases"
    )


def _create_case_clock_change() -> None:
    op.create_table(
        "case_clock_change",
        _id(),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=True),
        sa.Column("days", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind in ('pause', 'extension')", name="ck_case_clock_change_kind_known"
        ),
        sa.CheckConstraint(
            "kind <> 'extension' or days > 0", name="ck_case_clock_change_extension_has_days"
        ),
        _of_case("case_clock_change"),
        sa.PrimaryKeyConstraint("id", name="pk_case_clock_change"),
    )
    op.create_index("ix_case_clock_change_case_id_id", "case_clock_change", ["case_id", "id"])


def _create_follow_up() -> None:
    op.create_table(
        "follow_up",
        _id(),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("due_basis", sa.Text(), nullable=False),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("closed_at", _TIME, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "reason in ('rated_low', 'unresolved')", name="ck_follow_up_reason_known"
        ),
        sa.CheckConstraint(
            "outcome in ('resolved', 'unresolved', 'not_reached')", name="ck_follow_up_outcome"
        ),
        _of_case("follow_up"),
        sa.PrimaryKeyConstraint("id", name="pk_follow_up"),
    )
    op.create_index("ix_follow_up_case_id", "follow_up", ["case_id"])
    op.create_index(
        "uq_follow_up_open",
        "follow_up",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )


def _create_deadline_reminder() -> None:
    op.create_table(
        "deadline_reminder",
        _id(),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.CheckConstraint(
            "stage in ('before', 'on', 'after', 'escalated_town', 'escalated_city')",
            name="ck_deadline_reminder_stage_known",
        ),
        sa.CheckConstraint(
            "level in ('village', 'town', 'city')", name="ck_deadline_reminder_level_known"
        ),
        _of_case("deadline_reminder"),
        sa.PrimaryKeyConstraint("id", name="pk_deadline_reminder"),
        sa.UniqueConstraint(
            "case_id",
            "what",
            "due_at",
            "stage",
            name="uq_deadline_reminder_case_id_what_due_at_stage",
        ),
    )
    op.create_index("ix_deadline_reminder_level_id", "deadline_reminder", ["level", "id"])


def _create_notice() -> None:
    op.create_table(
        "notice",
        _id(),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("follower_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("send_after", _TIME, nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("outbound_id", sa.BigInteger(), nullable=True),
        sa.Column("tried", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("handed_at", _TIME, nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'handed', 'delivered', 'called', 'skipped', 'failed')",
            name="ck_notice_state_known",
        ),
        _of_case("notice"),
        _of_follower("notice"),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound_message.id"], name="fk_notice_outbound_id_outbound_message"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
    )
    op.create_index("ix_notice_state_send_after", "notice", ["state", "send_after"])
    op.create_index(
        "uq_notice_waiting",
        "notice",
        ["case_id", "follower_id"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting' and channel is null"),
    )
    op.create_table(
        "notice_step",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("follower_id", sa.BigInteger(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=True),
        _of_event("notice_step"),
        _of_follower("notice_step"),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name="fk_notice_step_notice_id_notice"
        ),
        sa.PrimaryKeyConstraint("event_id", "follower_id", name="pk_notice_step"),
    )
    op.create_index("ix_notice_step_notice_id", "notice_step", ["notice_id"])


def _of_follower(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["follower_id"], ["case_follower.id"], name=f"fk_{table}_follower_id_case_follower"
    )


def _of_event(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["event_id"], ["case_event.id"], name=f"fk_{table}_event_id_case_event"
    )


def _create_notice_log() -> None:
    op.create_table(
        "notice_dispatch",
        _id(),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("follower_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("template", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome in ('sent', 'delivered', 'skipped', 'failed')",
            name="ck_notice_dispatch_outcome_known",
        ),
        _of_case("notice_dispatch"),
        _of_event("notice_dispatch"),
        _of_follower("notice_dispatch"),
        sa.PrimaryKeyConstraint("id", name="pk_notice_dispatch"),
    )
    op.create_index("ix_notice_dispatch_case_id_id", "notice_dispatch", ["case_id", "id"])
    op.create_index(
        "uq_notice_dispatch_sent",
        "notice_dispatch",
        ["key"],
        unique=True,
        postgresql_where=sa.text("outcome = 'sent'"),
    )
    _append_only("notice_dispatch")
    op.create_table(
        "notice_preference",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("muted", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("preferred", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_notice_preference"),
    )


def _extend_callback() -> None:
    """Calls that the staff of a place make."""
    for column in ("case_no", "town", "village"):
        op.add_column("callback", sa.Column(column, sa.Text(), nullable=True))
    op.create_index("ix_callback_village_id", "callback", ["village", "id"])
