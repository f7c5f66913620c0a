"""Tables of cases. Contacts are sealed; events are append-only (trigger)."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base

_NO_DEADLINE = "9999-12-31 00:00:00+00"
_HOLDER = ("holder",)
_SCOPE = ("town", "village", "filed_by")
_OPEN_LISTS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("sort_due", "id"), ()),
    (("holder", "sort_due", "id"), ()),
    (("town", "sort_due", "id"), _HOLDER),
    (("town", "holder", "sort_due", "id"), ()),
    (("village", "sort_due", "id"), _HOLDER),
    (("assignee", "sort_due", "id"), _SCOPE),
    (("filed_by", "sort_due", "id"), _HOLDER),
    (("type", "id"), ()),
    (("type", "village", "id"), ()),
)
"""The orders in which open cases are listed, and what is counted without reading the cases."""
_PENDING_KB = "256"
"""How much a search may have to read of what the index has not sorted in yet."""


class Case(Base):
    """One matter of one reporter.

    ``contact`` holds name, phone, person and the unmasked description, sealed; ``phone_hash`` finds
    cases by phone, ``proof_hash`` proves the last four digits, both keyed. ``version`` grows with
    every change; a writer who saw an older one is refused. ``holder`` says whose turn it is.
    ``sort_due``, ``is_open``, ``words`` and ``facets`` are computed by the database for lists and
    searches; the last two are marks to search by, never read (backend/cases/marks.py).
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index(None, "town", "id"),
        Index(None, "village", "id"),
        Index(None, "conversation_id", "id"),
        Index(None, "filed_by", "id"),
        Index("ix_cases_due_at", "due_at", postgresql_where="due_at is not null"),
        *(
            Index(
                f"ix_cases_open_{'_'.join(columns)}",
                *columns,
                postgresql_where="is_open",
                postgresql_include=included,
            )
            for columns, included in _OPEN_LISTS
        ),
        *(
            Index(
                f"ix_cases_found_{name}",
                # what narrows most comes first: the index skips to it, and reads on from there
                "facets",
                "words",
                postgresql_using="gin",
                postgresql_where=part,
                postgresql_with={"gin_pending_list_limit": _PENDING_KB},
            )
            for name, part in (("open", "is_open"), ("ended", "not is_open"))
        ),
        CheckConstraint(
            "category in ('weishishi', 'weixinyuan', 'out_of_scope')", name="category_known"
        ),
        CheckConstraint("village is null or village like town || '%'", name="village_in_town"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_no: Mapped[str] = mapped_column(unique=True)
    category: Mapped[str]
    group: Mapped[str]
    type: Mapped[str]
    status: Mapped[str]
    resume_to: Mapped[str | None]

    town: Mapped[str | None]
    village: Mapped[str | None]
    address: Mapped[str | None]
    description: Mapped[str]
    summary: Mapped[str]
    beneficiaries: Mapped[int | None]
    amount_cny: Mapped[int | None]
    groups: Mapped[list[str]] = mapped_column(ARRAY(Text))

    contact: Mapped[str | None]
    phone_hash: Mapped[str | None] = mapped_column(index=True)
    proof_hash: Mapped[str | None]
    on_behalf: Mapped[bool]
    anonymous: Mapped[bool]

    channel: Mapped[str]
    conversation_id: Mapped[str | None]
    external_ref: Mapped[str | None] = mapped_column(index=True)
    external_due_at: Mapped[datetime | None]
    confidence: Mapped[float | None]
    labelled_by: Mapped[str]
    filed_by: Mapped[str | None]

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    due_event: Mapped[str | None]
    due_what: Mapped[str | None]
    due_at: Mapped[datetime | None]
    due_basis: Mapped[str | None]
    due_provisional: Mapped[bool] = mapped_column(default=False)
    due_local: Mapped[str | None]
    due_started_at: Mapped[datetime | None]
    due_verb: Mapped[str | None]
    due_paused_at: Mapped[datetime | None]
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))

    version: Mapped[int] = mapped_column(default=1)
    holder: Mapped[str] = mapped_column(default="village")
    assignee: Mapped[str | None]
    first_receiver: Mapped[str | None]
    source: Mapped[str | None]
    proposer_kind: Mapped[str | None]
    extension_days: Mapped[int | None]
    urged_at: Mapped[datetime | None]
    sort_due: Mapped[datetime] = mapped_column(
        Computed(
            f"coalesce(least(due_at, external_due_at), timestamptz '{_NO_DEADLINE}')",
            persisted=True,
        )
    )
    is_open: Mapped[bool] = mapped_column(
        Computed(
            "status <> all (array['withdrawn', 'merged', 'refused', 'feedback'])", persisted=True
        )
    )
    words: Mapped[list[str]] = mapped_column(
        ARRAY(Text(collation="C")),
        Computed(
            "guanjia_marks(summary || ' ' || description || ' ' || coalesce(address, ''))",
            persisted=True,
        ),
        deferred=True,
        deferred_raiseload=True,
    )
    facets: Mapped[list[str]] = mapped_column(
        ARRAY(Text(collation="C")),
        Computed(
            "guanjia_facets(id, town, village, category, type, status, filed_by, assignee,"
            " external_ref, urged_at, due_at, external_due_at)",
            persisted=True,
        ),
        deferred=True,
        deferred_raiseload=True,
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own declaration


class CaseEvent(Base):
    """Something that happened to a case; never changed, never deleted."""

    __tablename__ = "case_event"
    __table_args__ = (
        Index(None, "case_id", "id"),
        CheckConstraint("audience in ('public', 'staff')", name="audience_known"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    at: Mapped[datetime]
    kind: Mapped[str]
    audience: Mapped[str]
    actor_kind: Mapped[str]
    actor: Mapped[str | None]
    actor_label: Mapped[str | None]
    from_status: Mapped[str | None]
    to_status: Mapped[str | None]
    note: Mapped[str | None]
    data: Mapped[dict[str, Any]]


class IdempotencyKey(Base):
    """A key that filed a case; ``body_hash`` is keyed."""

    __tablename__ = "idempotency_key"
    __table_args__ = (PrimaryKeyConstraint("actor", "key"),)

    actor: Mapped[str]
    key: Mapped[str]
    body_hash: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    created_at: Mapped[datetime] = mapped_column(index=True)


class CaseSupporter(Base):
    """Somebody for whom the same matter counts; ``who`` is a keyed hash."""

    __tablename__ = "case_supporter"
    __table_args__ = (PrimaryKeyConstraint("case_id", "who"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    who: Mapped[str]
    at: Mapped[datetime]


class CaseRating(Base):
    """A reporter's judgement of a finished case, 1 to 5; the latest counts."""

    __tablename__ = "case_rating"
    __table_args__ = (CheckConstraint("score between 1 and 5", name="score_range"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime]
    score: Mapped[int]
    resolved: Mapped[bool | None]
    comment: Mapped[str | None]


class CaseFollower(Base):
    """Somebody who is told of a case's steps: its reporter, or a supporter who asked for it.

    ``ended_at``: they follow it no more.
    """

    __tablename__ = "case_follower"
    __table_args__ = (
        CheckConstraint("role in ('reporter', 'supporter')", name="role_known"),
        UniqueConstraint("case_id", "conversation_id"),
        Index(
            "uq_case_follower_reporter",
            "case_id",
            unique=True,
            postgresql_where="role = 'reporter'",
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    role: Mapped[str]
    conversation_id: Mapped[str | None]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ClockChange(Base):
    """A pause or extension of one clock (``event`` begun at ``started_at``), with its approver.

    ``until``: when a pause ended; ``days``: what an extension grants.
    """

    __tablename__ = "case_clock_change"
    __table_args__ = (
        Index(None, "case_id", "id"),
        CheckConstraint("kind in ('pause', 'extension')", name="kind_known"),
        CheckConstraint("kind <> 'extension' or days > 0", name="extension_has_days"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    event: Mapped[str]
    started_at: Mapped[datetime]
    kind: Mapped[str]
    at: Mapped[datetime]
    until: Mapped[datetime | None]
    days: Mapped[int | None]
    reason: Mapped[str]
    approver: Mapped[str]


class FollowUp(Base):
    """A 回访: somebody was not content; staff ask, with a clock of their own."""

    __tablename__ = "follow_up"
    __table_args__ = (
        CheckConstraint("reason in ('rated_low', 'unresolved')", name="reason_known"),
        CheckConstraint("outcome in ('resolved', 'unresolved', 'not_reached')", name="outcome"),
        Index("uq_follow_up_open", "case_id", unique=True, postgresql_where="closed_at is null"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    reason: Mapped[str]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    due_basis: Mapped[str]
    due_provisional: Mapped[bool]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    outcome: Mapped[str | None]
    note: Mapped[str | None]


class Reminder(Base):
    """Staff of one level were told of a deadline: once per deadline and stage."""

    __tablename__ = "deadline_reminder"
    __table_args__ = (
        UniqueConstraint("case_id", "what", "due_at", "stage"),
        Index(None, "level", "id"),
        CheckConstraint(
            "stage in ('before', 'on', 'after', 'escalated_town', 'escalated_city', 'offer')",
            name="stage_known",
        ),
        CheckConstraint("level in ('village', 'town', 'city')", name="level_known"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    what: Mapped[str]
    due_at: Mapped[datetime]
    stage: Mapped[str]
    level: Mapped[str]
    at: Mapped[datetime]


class ReminderRead(Base):
    """A member of staff has read a reminder."""

    __tablename__ = "deadline_reminder_read"
    __table_args__ = (PrimaryKeyConstraint("staff_id", "reminder_id"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id", ondelete="CASCADE"))
    reminder_id: Mapped[int] = mapped_column(ForeignKey("deadline_reminder.id", ondelete="CASCADE"))
    at: Mapped[datetime]


class Publication(Base):
    """What anybody may read of a case: ``words`` that staff wrote for it, by code, and nothing else.

    ``id`` is its public number. ``section`` None: not public at present. ``village`` is left out
    where it would tell too much.
    """

    __tablename__ = "publication"
    __table_args__ = (
        Index(None, "section", "listed_at", "id", postgresql_where="section is not null"),
        Index(None, "section", "town", "listed_at", "id", postgresql_where="section is not null"),
        CheckConstraint("section in ('notice', 'hall', 'under_way', 'result')", name="section"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), unique=True)
    section: Mapped[str | None]
    category: Mapped[str]
    type: Mapped[str]
    town: Mapped[str | None]
    village: Mapped[str | None]
    words: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    listed_at: Mapped[datetime]


class ClaimOffer(Base):
    """Somebody wants to claim what is published: ``contact`` is name and phone, sealed.

    ``lapsed``: what it was about left the hall before anybody answered.
    """

    __tablename__ = "claim_offer"
    __table_args__ = (
        UniqueConstraint("case_id", "phone_hash"),
        CheckConstraint(
            "outcome in ('agreed', 'declined', 'not_reached', 'lapsed')", name="outcome"
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    at: Mapped[datetime]
    kind: Mapped[str]
    contact: Mapped[str]
    phone_hash: Mapped[str]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_by: Mapped[str | None]
    outcome: Mapped[str | None]


class Counted(Base):
    """Numbers that were counted over all cases, and when."""

    __tablename__ = "counted"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    numbers: Mapped[dict[str, Any]]


class SavedView(Base):
    """A filter of the work list that somebody gave a name; ``query`` is its query string."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("staff_id", "name"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id", ondelete="CASCADE"))
    name: Mapped[str]
    query: Mapped[str]
    created_at: Mapped[datetime]
