"""Policies as JSON."""

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from backend.cases.schemas import BlankIsNone
from backend.core.clock import Timestamp
from backend.core.text import Paragraph

Outcome = Literal["handled", "not_solved", "unsatisfied"]
OUTCOME_LABELS: dict[Outcome, str] = {
    "handled": "已按政策办理",
    "not_solved": "政策不能解决",
    "unsatisfied": "办理后仍不能满足",
}


class PolicyOut(BaseModel):
    """A policy; ``sample`` says that it was shipped as an example and not set by the city."""

    code: str
    title: str
    department: str
    types: list[str]
    groups: list[str]
    conditions: str
    procedure: str
    materials: str | None
    phone: str | None
    basis: str | None
    sample: bool


class PolicyMatch(PolicyOut):
    """A policy that may fit; ``why`` are the words and groups that point to it."""

    score: float
    why: list[str]


class PolicyMatches(BaseModel):
    """Best first."""

    items: list[PolicyMatch]


class PolicyList(BaseModel):
    """All policies in force."""

    items: list[PolicyOut]


class PolicyCheckIn(BaseModel):
    """What became of a policy in a case."""

    policy: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    outcome: Outcome
    note: Annotated[Paragraph | None, BlankIsNone] = None


class PolicyCheckOut(BaseModel):
    """A record of that."""

    policy: str
    title: str
    department: str
    sample: bool
    outcome: Outcome
    outcome_label: str
    note: str | None
    staff: str
    at: Timestamp


class PolicyChecks(BaseModel):
    """All records of a case, oldest first."""

    items: list[PolicyCheckOut]


class Imported(BaseModel):
    """What an import did."""

    added: int
    changed: int
    retired: int
