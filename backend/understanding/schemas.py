"""The triage result: contract.md, "Triage result". Offsets count characters of the text as sent."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.core.text import Whole


class TriageIn(BaseModel):
    """A text to sort: a citizen's message or the transcript of a hotline call."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text": "村口路灯坏了半个月，我是上沙社区的", "kind": "message"}]
        }
    )

    text: Annotated[str, Whole] = Field(description="at most 20,000 characters")
    kind: Literal["message", "transcript"] = "message"


class _Open(BaseModel):
    """Further members of the assistant's answer pass through."""

    model_config = ConfigDict(extra="allow")


class Span(_Open):
    """A stretch of the text."""

    start: int
    end: int


class Evidence(Span):
    """Words that decided."""

    text: str


class Ranked(_Open):
    """A type and its score."""

    type: str
    score: float


class Fields(_Open):
    """What the text says about a case."""

    town: str | None = None
    village: str | None = None
    place_candidates: list[str] = []
    address: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    on_behalf: bool = False
    beneficiaries: int | None = None
    amount_cny: float | None = None
    groups: list[str] = []


class TriageRequest(_Open):
    """One matter found in the text."""

    category: Literal["weishishi", "weixinyuan", "out_of_scope"]
    group: str
    type: str
    confidence: float
    needs_person: bool
    ranking: list[Ranked]
    evidence: list[Evidence]
    summary: str
    fields: Fields
    missing: list[str]


class Alert(Span):
    """Somebody may be in danger now."""

    kind: Literal["fire", "crime", "self_harm", "medical"]
    advice: str


class Sensitive(Span):
    """A number that must not be stored or shown."""

    kind: str


class TriageResult(_Open):
    """All matters, alerts and sensitive numbers of a text."""

    requests: list[TriageRequest]
    alerts: list[Alert]
    sensitive: list[Sensitive]
