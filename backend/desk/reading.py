"""Putting a transcript in: masked, read by the assistant, sealed."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.core.privacy import Vault
from backend.desk import cards
from backend.desk.masking import mask_found, mask_identity
from backend.desk.models import DeskDraft
from backend.taxonomy.service import taxonomy
from backend.understanding.schemas import Reading, TriageResult

PURPOSE = "desk draft"
_NOTHING = Reading(triage=TriageResult(requests=[], alerts=[], sensitive=[]))


@dataclass(frozen=True, slots=True)
class Contents:
    """What a draft's seal holds; ``added`` counts cards the agent asked for beside the machine's."""

    text: str
    reading: Reading
    added: int = 0


def new_draft(agent: str, text: str, now: datetime, vault: Vault, **more: Any) -> DeskDraft:
    """A draft that is not read yet; identity numbers are hidden before anything is stored."""
    values: dict[str, Any] = {"batch_id": None, "position": 0} | more
    draft = DeskDraft(
        token=secrets.token_urlsafe(16),
        agent=agent,
        state="queued",
        cards=0,
        danger=[],
        created_at=now,
        **values,
    )
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    seal(draft, Contents(mask_identity(plain), _NOTHING), vault)
    return draft


def seal(draft: DeskDraft, contents: Contents, vault: Vault) -> None:
    """Put text and reading into the draft."""
    draft.sealed = vault.seal(
        {
            "text": contents.text,
            "reading": contents.reading.model_dump_json(),
            "added": str(contents.added),
        },
        PURPOSE,
    )


def opened(draft: DeskDraft, vault: Vault) -> Contents:
    """Text and reading of a draft."""
    clear = vault.open(draft.sealed or "", PURPOSE)
    return Contents(
        text=clear["text"] or "",
        reading=Reading.model_validate_json(clear["reading"] or ""),
        added=int(clear["added"] or 0),
    )


def take_in(draft: DeskDraft, text: str, reading: Reading, vault: Vault) -> None:
    """The assistant's reading of the (masked) text becomes part of the draft."""
    masked = mask_found(text, reading.triage.sensitive)
    found = cards.cards(masked, reading)
    seal(draft, Contents(masked, reading), vault)
    draft.state = "ready"
    draft.cards = len(found)
    draft.doubt = cards.doubt(found)
    draft.danger = [danger.kind for danger in cards.dangers(reading)]
    draft.label = _label([card.values.get("type") for card in found])


def give_up(draft: DeskDraft) -> None:
    """The assistant could not be reached: the agent fills an empty card by hand."""
    draft.state, draft.doubt = "failed", 1.0


def _label(types: list[str | None]) -> str | None:
    """What a list shows of a draft: its types, nobody's words; nothing where nothing is asked."""
    return (
        "、".join(taxonomy().label(code) for code in types if code and code != "other_matter")
        or None
    )
