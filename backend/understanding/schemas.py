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


class FoundPhone(Span):
    """A phone number; ``partial`` has a wrong number of digits."""

    value: str
    valid: bool = True
    kind: str = "mobile"
    of: str = "caller"


class FoundPlace(Span):
    """A place; ``role`` tells the request's from where somebody comes from."""

    town: str | None = None
    village: str | None = None
    candidates: list[str] = []
    text: str = ""
    role: str = "request"


class FoundName(Span):
    """Somebody's name or form of address."""

    value: str
    kind: str = "full"
    of: str = "caller"


class FoundAmount(Span):
    """A sum of money."""

    amount_cny: float


class FoundCount(Span):
    """How many people or households."""

    value: int


class FoundCaseNo(Span):
    """A case number that was said."""

    value: str
    valid: bool = True


class Facts(_Open):
    """Everything found besides what is asked; ``end`` of a span is exclusive."""

    phones: list[FoundPhone] = []
    places: list[FoundPlace] = []
    names: list[FoundName] = []
    amounts: list[FoundAmount] = []
    counts: list[FoundCount] = []
    case_nos: list[FoundCaseNo] = []
    person: str | None = None


class Reading(_Open):
    """A whole parse: the triage result and the facts behind it."""

    triage: TriageResult
    facts: Facts = Facts()
