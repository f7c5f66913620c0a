"""Cases as JSON: what comes in and what goes out."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from backend.cases.examples import CASE, STATUS_QUERY, TRANSITION
from backend.core.clock import Timestamp
from backend.core.privacy import normalise_phone
from backend.core.text import Clean, Code, Essay, Line, Paragraph
from backend.taxonomy.schemas import Category

Channel = Literal["wechat", "webchat", "sms", "hotline", "staff"]
LabelledBy = Literal["model", "citizen", "agent"]
Source = Literal[
    "counter",
    "visit",
    "paper_slip",
    "meeting",
    "leader_visit",
    "grid",
    "phone",
    "letter",
    "online",
]
"""How a case reached the staff member who entered it."""
ProposerKind = Literal[
    "resident",
    "party_organisation",
    "committee",
    "delegate",
    "party_member",
    "social_organisation",
]
"""Who proposes it: 不同组织和主体均可提出项目建议."""
Group = Literal[
    "elderly", "child", "disabled", "low_income", "extreme_poverty", "severe_illness", "orphan",
    "left_behind_child", "migrant", "veteran", "single_parent", "unemployed", "women",
]  # fmt: skip


def _phone(raw: str) -> str:
    digits = normalise_phone(raw)
    if not 5 <= len(digits) <= 15:
        raise ValueError("must have 5 to 15 digits")
    return digits


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Phone = Annotated[str, StringConstraints(max_length=40), Clean, AfterValidator(_phone)]
Last4 = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9０-９]{4}$")]
PlaceCode = Annotated[str, StringConstraints(pattern=r"^\d{9,12}$")]
Conversation = Annotated[str, StringConstraints(min_length=1, max_length=255), Clean]
BlankIsNone = BeforeValidator(_none_if_blank)


class CaseCreate(BaseModel):
    """A case to file. ``category`` and ``group`` follow from ``type`` and are checked if given."""

    model_config = ConfigDict(json_schema_extra={"examples": [CASE]})

    category: Category | None = None
    group: Code | None = None
    type: Code
    town: Annotated[PlaceCode | None, BlankIsNone] = None
    village: Annotated[PlaceCode | None, BlankIsNone] = None
    address: Annotated[Line | None, BlankIsNone] = None
    description: Essay
    summary: Annotated[Line | None, BlankIsNone] = None
    beneficiaries: int | None = Field(default=None, ge=0, le=100_000_000)
    amount_cny: int | None = Field(default=None, ge=0, le=10**12)
    groups: list[Group] = Field(default=[], max_length=13)
    contact_name: Annotated[Line | None, BlankIsNone] = None
    contact_phone: Annotated[Phone | None, BlankIsNone] = None
    person: Annotated[Line | None, BlankIsNone] = Field(
        default=None, description="whom it is for, where that is not the reporter"
    )
    on_behalf: bool = False
    anonymous: bool = False
    channel: Channel
    conversation_id: Annotated[Conversation | None, BlankIsNone] = None
    external_ref: Annotated[Line | None, BlankIsNone] = Field(
        default=None, description="the hotline's ticket number"
    )
    external_due: AwareDatetime | None = Field(default=None, description="the hotline's deadline")
    confidence: float | None = Field(default=None, ge=0, le=1)
    labelled_by: LabelledBy = "model"
    progress: Annotated[Paragraph | None, BlankIsNone] = Field(
        default=None, description="a first public note on how it stands"
    )
    source: Annotated[Source | None, BlankIsNone] = None
    proposer_kind: Annotated[ProposerKind | None, BlankIsNone] = None


class DueOut(BaseModel):
    """A deadline and how it came about; ``local`` marks a local setting (本地设置)."""

    what: str
    at: Timestamp
    basis: str
    provisional: bool
    local: str | None = None


class CaseOut(BaseModel):
    """A case as staff and the service see it: name and phone masked."""

    case_no: str
    category: Category
    group: str
    type: str
    type_label: str
    status: str
    status_label: str
    town: str | None
    village: str | None
    place: str
    address: str | None
    description: str
    summary: str
    beneficiaries: int | None
    amount_cny: int | None
    groups: list[str]
    contact_name: str | None
    contact_phone: str | None
    on_behalf: bool
    anonymous: bool
    channel: Channel
    conversation_id: str | None
    external_ref: str | None
    created_at: Timestamp
    updated_at: Timestamp
    due: DueOut | None
    due_paused_since: Timestamp | None
    confidence: float | None
    labelled_by: LabelledBy
    progress: str
    version: int
    holder: str
    assignee: str | None
    first_receiver: str | None
    source: str | None
    proposer_kind: str | None
    extension_days: int | None
    urged_at: Timestamp | None


class CaseDetail(CaseOut):
    """One case for the member of staff who opened it."""

    allowed_transitions: list[str]
    supporters: int
    merged_into: str | None


class CasePage(BaseModel):
    """A page of cases, newest first; ``next_cursor`` is null on the last one."""

    items: list[CaseOut]
    next_cursor: str | None


class ContactOut(BaseModel):
    """A contact unmasked; every reading is in the audit log."""

    case_no: str
    contact_name: str | None
    contact_phone: str | None
    person: str | None
    description: str


class RevealIn(BaseModel):
    """Why the contact is needed."""

    reason: Annotated[
        str, StringConstraints(min_length=2, max_length=500, strip_whitespace=True), Clean
    ] = Field(examples=["联系提出者核实地点"])


class TransitionIn(BaseModel):
    """A step to take. ``note`` is told to the reporter, ``staff_note`` never leaves the office."""

    model_config = ConfigDict(json_schema_extra={"examples": [TRANSITION]})

    to: Code
    note: Annotated[Paragraph | None, BlankIsNone] = None
    staff_note: Annotated[Paragraph | None, BlankIsNone] = None
    merged_into: Annotated[Line | None, BlankIsNone] = None
    fields: dict[Code, Paragraph] | None = Field(
        default=None, description="what the step records; the codes are in the transitions table"
    )
    version: int | None = Field(
        default=None, description="the version that was read; 409 case_changed if it is older"
    )


class NoteIn(BaseModel):
    """A note without a step."""

    note: Annotated[str, StringConstraints(min_length=1, max_length=2_000), Clean]
    audience: Literal["public", "staff"] = "staff"
    version: int | None = None


Reason = Annotated[
    str, StringConstraints(min_length=2, max_length=500, strip_whitespace=True), Clean
]


class ClockChangeIn(BaseModel):
    """Why a clock is stopped or goes on; ``note`` is told to the reporter."""

    reason: Reason = Field(examples=["等候供电部门勘查"])
    note: Annotated[Paragraph | None, BlankIsNone] = None


class ExtensionIn(ClockChangeIn):
    """Further days: working days where the rule counts those, calendar days elsewhere."""

    days: int = Field(ge=1, le=365)


class ReminderOut(BaseModel):
    """Staff of one level are told of a deadline."""

    case_no: str
    summary: str
    place: str
    status_label: str
    what: str
    due_at: Timestamp
    stage: Literal["before", "on", "after", "escalated_town", "escalated_city", "offer"]
    level: Literal["village", "town", "city"]
    text: str
    at: Timestamp


class ReminderList(BaseModel):
    """Newest first."""

    items: list[ReminderOut]


class FollowUpOut(BaseModel):
    """A 回访 to make, or made."""

    id: int
    case_no: str
    summary: str
    place: str
    reason: Literal["rated_low", "unresolved"]
    opened_at: Timestamp
    due: DueOut
    closed_at: Timestamp | None
    outcome: Literal["resolved", "unresolved", "not_reached"] | None
    note: str | None


class FollowUpList(BaseModel):
    """The most urgent first."""

    items: list[FollowUpOut]


class FollowUpDone(BaseModel):
    """What a 回访 found."""

    outcome: Literal["resolved", "unresolved", "not_reached"]
    note: Annotated[Paragraph | None, BlankIsNone] = None


class EventOut(BaseModel):
    """Something that happened."""

    at: Timestamp
    kind: str
    audience: Literal["public", "staff"]
    by: str | None
    from_status: str | None
    to_status: str | None
    status_label: str | None
    note: str | None
    data: dict[str, Any] = {}


class EventList(BaseModel):
    """A case's events, oldest first."""

    items: list[EventOut]


class PublicEvent(BaseModel):
    """What the reporter may know of an event."""

    at: Timestamp
    kind: str
    status: str | None
    status_label: str | None
    note: str | None


class Proof(BaseModel):
    """Who asks: the conversation that filed the case, or the phone's last four digits."""

    channel: Channel
    conversation_id: Conversation
    phone_last4: Annotated[Last4 | None, BlankIsNone] = None


class StatusQuery(Proof):
    """A question for progress; without ``case_no`` the conversation's own cases are meant."""

    model_config = ConfigDict(json_schema_extra={"examples": [STATUS_QUERY]})

    case_no: Annotated[
        Annotated[str, StringConstraints(max_length=60), Clean] | None, BlankIsNone
    ] = None


class CaseStatus(BaseModel):
    """How a case stands, for its reporter: nothing of anybody's identity."""

    case_no: str
    category: Category
    type: str
    type_label: str
    summary: str
    status: str
    status_label: str
    progress: str
    due: DueOut | None
    created_at: Timestamp
    updated_at: Timestamp
    events: list[PublicEvent]


class StatusAnswer(CaseStatus):
    """The newest fitting case, and all fitting ones under ``cases``."""

    cases: list[CaseStatus]


class SupplementIn(Proof):
    """Something the reporter adds; ``contact_phone`` becomes the case's where it has none."""

    text: Annotated[
        str, StringConstraints(min_length=1, max_length=5_000, strip_whitespace=True), Clean
    ]
    contact_phone: Annotated[Phone | None, BlankIsNone] = None


class SupporterIn(BaseModel):
    """Somebody for whom the same matter counts; ``follow``: they want to hear of its steps."""

    channel: Channel
    conversation_id: Conversation
    follow: bool = False


class RatingIn(Proof):
    """A judgement of a finished case."""

    score: int = Field(ge=1, le=5)
    resolved: bool | None = None
    comment: Annotated[Paragraph | None, BlankIsNone] = None


class WithdrawalIn(Proof):
    """The reporter takes the case back."""

    reason: Annotated[Paragraph | None, BlankIsNone] = None


class Added(BaseModel):
    """Confirmation of an addition."""

    case_no: str
    status: str
    status_label: str
    at: Timestamp
    supporters: int | None = None


class SimilarCase(BaseModel):
    """A case that may be the same matter, without anybody's identity."""

    case_no: str
    type: str
    village: str | None
    summary: str
    status: str
    status_label: str
    created_at: Timestamp
    supporters: int
    score: float


class SimilarCases(BaseModel):
    """Most alike first."""

    items: list[SimilarCase]


class CaseFilter(BaseModel):
    """Filters of the list; all given ones must fit."""

    model_config = ConfigDict(extra="forbid")

    conversation_id: Conversation | None = None
    type: Code | None = None
    category: Category | None = None
    town: PlaceCode | None = None
    village: PlaceCode | None = None
    status: Code | None = None
    due_before: AwareDatetime | None = None
    q: Line | None = Field(
        default=None,
        description="a case number, or words of summary, description, address (all of them)",
    )
    cursor: Annotated[str, StringConstraints(max_length=200), Clean] | None = None
    limit: int = Field(default=20, ge=1, le=100)


Json = dict[str, Any]
