"""What the desk shows and takes in."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from backend.cases.schemas import DueOut, SimilarCase
from backend.desk.marks import Line

Sure = Literal["high", "medium", "low"]
Values = dict[str, str | None]
"""A card's fields as text: what machine and agent are compared by. Lists are joined by commas."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from and how far to trust it; ``spans`` are offsets of the text."""

    sure: Sure
    why: str
    spans: tuple[tuple[int, int], ...] = ()
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A possible type."""

    type: str
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Card:
    """One request as the machine read it."""

    index: int
    values: Values
    sources: dict[str, Source]
    choices: tuple[Choice, ...]
    missing: tuple[str, ...]
    needs_person: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """Things the caller said that do not fit together."""

    kind: str
    text: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Danger:
    """Somebody may be in danger now, and what to do."""

    kind: str
    label: str
    advice: str
    number: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CardInput:
    """A card's form as sent: everything text, nothing checked yet."""

    type: str = ""
    place: str = ""
    address: str = ""
    summary: str = ""
    description: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    person: str = ""
    on_behalf: bool = False
    anonymous: bool = False
    beneficiaries: str = ""
    amount_cny: str = ""
    groups: tuple[str, ...] = ()
    external_ref: str = ""
    external_due: str = ""


@dataclass(frozen=True, slots=True)
class KnownCase:
    """An open case of the caller's number, without who or what exactly."""

    case_no: str
    type_label: str
    status_label: str
    place: str
    created_at: datetime
    due: DueOut | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What filing the card as it stands would mean."""

    question: str
    missing: tuple[str, ...]
    due: DueOut | None
    reply: str
    sms: str | None
    caller_cases: tuple[KnownCase, ...]
    similar: tuple[SimilarCase, ...]
    policies: tuple[tuple[str, str, str, bool], ...] = ()
    """Title, department, conditions, whether it is a shipped sample."""


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a card."""

    id: int
    kind: str
    case_no: str | None
    at: datetime
    undo_s: int
    reply: str | None
    sms: str | None
    sms_state: str | None
    seconds: int
    edits: int


@dataclass(frozen=True, slots=True)
class CardView:
    """A card on the page."""

    card: Card
    input: CardInput
    preview: Preview | None
    filed: Filed | None
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DraftView:
    """A transcript on the page."""

    token: str
    state: str
    lines: tuple[Line, ...]
    cards: tuple[CardView, ...]
    conflicts: tuple[Conflict, ...]
    dangers: tuple[Danger, ...]
    next_token: str | None


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A transcript in a list."""

    token: str
    state: str
    label: str | None
    doubt: float | None
    danger: tuple[str, ...]
    cards: int
    external_ref: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BatchRow:
    """How far an upload is."""

    token: str
    name: str
    created_at: datetime
    total: int
    read: int
    failed: int
    closed: int


@dataclass(frozen=True, slots=True)
class FiledRow:
    """Something filed lately."""

    case_no: str | None
    type_label: str
    kind: str
    at: datetime
    seconds: int
    edits: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Of one agent, over some days."""

    filed: int
    median_s: float | None
    edits_per_case: float | None


@dataclass(frozen=True, slots=True)
class Home:
    """The desk before a transcript is pasted."""

    drafts: tuple[DraftRow, ...]
    batches: tuple[BatchRow, ...]
    filed: tuple[FiledRow, ...]
    today: Stats
    month: Stats
