"""Tables of policies and of what became of them in cases."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base


class Policy(Base):
    """A policy in force: whom it serves, who handles it and how. ``sample`` marks shipped ones."""

    __tablename__ = "policy"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    department: Mapped[str]
    types: Mapped[list[str]]
    groups: Mapped[list[str]]
    keywords: Mapped[list[str]]
    conditions: Mapped[str]
    procedure: Mapped[str]
    materials: Mapped[str | None]
    phone: Mapped[str | None]
    basis: Mapped[str | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    sample: Mapped[bool]
    active: Mapped[bool]
    imported_at: Mapped[datetime]


class CasePolicy(Base):
    """What became of a policy in a case; the latest per policy counts, none is changed."""

    __tablename__ = "case_policy"
    __table_args__ = (
        CheckConstraint(
            "outcome in ('handled', 'not_solved', 'unsatisfied')", name="outcome_known"
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id"), index=True)
    outcome: Mapped[str]
    note: Mapped[str | None]
    staff: Mapped[str]
    at: Mapped[datetime]
