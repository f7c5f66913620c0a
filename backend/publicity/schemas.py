"""What the public reads, and what somebody who wants to claim sends."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.cases.schemas import Phone
from backend.core.clock import Timestamp
from backend.core.text import Clean
from backend.staff.rules import Section

ClaimantKind = Literal["爱心企业", "社会组织", "爱心人士", "其他"]


class PublicWord(BaseModel):
    """One thing that staff wrote for the public."""

    code: str
    label: str
    text: str


class PublicItem(BaseModel):
    """A publication. Of its case only what stands here: no number, nobody's name, no address.

    ``number``: its public number. ``until``: the last day of its notice, or to claim it; ``is_over``: that day has passed.
    """

    number: int
    section: Section
    category: str
    type: str
    type_label: str
    place: str
    title: str
    status_label: str
    words: list[PublicWord]
    listed_at: Timestamp
    until: Timestamp | None
    is_over: bool


class PublicList(BaseModel):
    """Newest first; ``next_cursor`` is null on the last page."""

    items: list[PublicItem]
    next_cursor: str | None


class OfferIn(BaseModel):
    """Somebody wants to claim a publication and may be called about it."""

    model_config = ConfigDict(extra="forbid")

    kind: ClaimantKind
    name: Annotated[
        str, StringConstraints(min_length=2, max_length=60, strip_whitespace=True), Clean
    ]
    phone: Phone
    consent: Literal[True]


class OfferOut(BaseModel):
    """An offer as staff see it: masked unless revealed."""

    id: int
    at: Timestamp
    kind: str
    name: str
    phone: str
    is_open: bool
    outcome: str | None


class Tally(BaseModel):
    """Counts of cases by their present state; ``told``: the result reached whoever asked.

    Ratios are computed from the counts and never stored.
    """

    received: int = 0
    completed: int = 0
    told: int = 0

    @property
    def completion_rate(self) -> float | None:
        """Completed of received."""
        return self.completed / self.received if self.received else None

    @property
    def told_rate(self) -> float | None:
        """Told of completed."""
        return self.told / self.completed if self.completed else None


class TallyRow(Tally):
    """The counts of one category, town or month."""

    code: str
    label: str


class VillageRow(BaseModel):
    """How much one village received; those with few are counted together."""

    label: str
    received: int


class Statistics(BaseModel):
    """The programme in numbers."""

    at: Timestamp
    total: Tally
    completion_rate: float | None
    told_rate: float | None
    categories: list[TallyRow]
    towns: list[TallyRow]
    months: list[TallyRow] = Field(description="By the month of filing, the newest first")
