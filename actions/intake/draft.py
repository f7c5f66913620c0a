"""What a citizen has said so far, before it is filed. Lives in the tracker's `draft` slot."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import Any

from actions.turn import Turn

Json = dict[str, Any]
_SHOWN_CHARS = 70


@dataclass
class Item:
    """One matter: what was said of it and what is known."""

    text: str
    category: str
    type: str
    confidence: float = 1.0
    summary: str = ""
    alternatives: list[str] = field(default_factory=list)
    chosen: bool = False
    town: str | None = None
    village: str | None = None
    candidates: list[str] = field(default_factory=list)
    address: str | None = None
    beneficiaries: int | None = None
    amount_cny: int | None = None
    groups: list[str] = field(default_factory=list)
    on_behalf: bool = False
    person: str | None = None

    @property
    def shown(self) -> str:
        """What is read back: the summary, then what was added to it."""
        first, *later = self.text.split("\n")
        head = self.summary or first[:_SHOWN_CHARS]
        added = [line for line in later if line not in head and head not in line]
        return "；".join([head, *added])[: 2 * _SHOWN_CHARS]

    @property
    def in_scope(self) -> bool:
        """Whether the programme takes it."""
        return self.category != "out_of_scope"


@dataclass
class Contact:
    """Who reports and from where; kept for the next matter of the same conversation.

    `same_phone`: the number that the citizen writes from is the one to ring.
    """

    name: str | None = None
    phone: str | None = None
    declined: bool = False
    same_phone: bool = False
    village: str | None = None

    @property
    def settled(self) -> bool:
        """Whether it is known how to reach the citizen, or that nobody shall."""
        return bool(self.phone or self.same_phone or self.declined)


@dataclass
class Draft:
    """The open matters, the contact, and the question the citizen was asked last.

    `place` and `prelude`: where and what was said before there was a matter to take it;
    `filed`: the number of the case that this conversation filed last; `dropped`: the matters that
    were cancelled last, until something else is told; `danger`: what was told
    of danger (actions/help/danger.py), while it lasts; `condoled`: a death was condoled;
    `kept`: the backend keeps it too; `code_told`: a code to go on elsewhere was told; `offered`: what
    is open elsewhere was offered with the last answer (actions/elsewhere).
    """

    id: str = ""
    items: list[Item] = field(default_factory=list)
    contact: Contact = field(default_factory=Contact)
    asked: str | None = None
    tries: dict[str, int] = field(default_factory=dict)
    case_no: str | None = None
    place: Json | None = None
    prelude: str = ""
    filed: str | None = None
    dropped: list[Item] = field(default_factory=list)
    danger: Json | None = None
    condoled: bool = False
    kept: bool = False
    code_told: bool = False
    offered: bool = False

    @classmethod
    def load(cls, slot: Json | None) -> Draft:
        """From the slot's JSON; an empty slot is an empty draft."""
        data = dict(slot or {})
        items = [Item(**item) for item in data.pop("items", [])]
        contact = Contact(**data.pop("contact", {}))
        dropped = [Item(**item) for item in data.pop("dropped", [])]
        return cls(items=items, contact=contact, dropped=dropped, **data)

    def dump(self) -> Json:
        """As the slot's JSON."""
        return asdict(self)

    def open(self, turn: Turn) -> None:
        """Gives the draft its identity: the same first message always gives the same one."""
        if not self.id:
            seed = f"{turn.conversation_id}\n{turn.message_id}".encode()
            self.id = hashlib.sha256(seed).hexdigest()[:24]

    def close(self) -> None:
        """Forgets the matters and keeps who is speaking and from where."""
        self.contact.village = next(
            (item.village for item in reversed(self.items) if item.village), self.contact.village
        )
        self.id, self.items, self.asked, self.case_no = "", [], None, None
        self.place, self.prelude = None, ""
        self.tries = {}
        self.kept = self.code_told = False

    def tried(self, field_name: str) -> int:
        """How often a field was asked for."""
        return self.tries.get(field_name, 0)

    def ask(self, field_name: str) -> None:
        """Notes that a field is being asked for."""
        self.asked = field_name
        self.tries[field_name] = self.tried(field_name) + 1

    @property
    def in_scope(self) -> list[Item]:
        """The matters that become cases."""
        return [item for item in self.items if item.in_scope]
