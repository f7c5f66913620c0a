"""A confirmed draft into cases. The acknowledgement comes from here, with the number the backend gave."""

from __future__ import annotations

from typing import Any

from actions.backend_client import BackendClient
from actions.dates import spoken_date
from actions.errors import BackendRefused
from actions.intake.draft import Draft, Item
from actions.labels import types
from actions.saying import Say, say
from actions.turn import Turn

# the draft was filed with other words, from the conversation it went on in
_FILED_BEFORE = "idempotency_key_reused"


async def file_items(
    backend: BackendClient, draft: Draft, turn: Turn, items: list[Item]
) -> list[Say]:
    """Files each matter and tells its number, what happens next and by when.

    Raises:
        BackendDown: nothing more was filed; filing again with the same draft files nothing twice.
        BackendRefused: the backend holds a matter for malformed.
    """
    sayings: list[Say] = []
    for item in items:
        key = f"{draft.id}-{draft.items.index(item)}"
        try:
            case = await backend.create_case(case_body(draft, item, turn), key)
        except BackendRefused as refused:
            if refused.code != _FILED_BEFORE:
                raise
            sayings.append(say("utter_filed_already"))
            continue
        draft.filed = str(case["case_no"])
        sayings.append(_filed(item, case))
    return sayings


def case_body(draft: Draft, item: Item, turn: Turn) -> dict[str, Any]:
    """A case as POST /api/v1/cases takes it (contract.md, Cases)."""
    return {
        "category": item.category,
        "group": types()[item.type].group,
        "type": item.type,
        "town": item.town,
        "village": item.village,
        "address": item.address and item.address[:200],
        "description": item.text,
        "summary": (item.summary or item.text)[:200],
        "beneficiaries": item.beneficiaries,
        "amount_cny": item.amount_cny,
        "groups": item.groups,
        "contact_name": draft.contact.name,
        "contact_phone": draft.contact.phone,
        "person": item.person and item.person[:60],
        "on_behalf": item.on_behalf,
        "anonymous": draft.contact.phone is None and not draft.contact.same_phone,
        "channel": turn.channel,
        "conversation_id": turn.conversation_id,
        "confidence": round(item.confidence, 4),
        "labelled_by": "citizen" if item.chosen else "model",
    }


def _filed(item: Item, case: dict[str, Any]) -> Say:
    label = types()[item.type]
    values = {"case_no": case["case_no"], "category": label.category_label, "type": label.label}
    due = case.get("due") or {}
    if not due.get("at"):
        return say(f"utter_filed_{item.category}_open", **values)
    kind = "provisional" if due.get("provisional") else "due"
    return say(f"utter_filed_{item.category}_{kind}", due=spoken_date(due["at"]), **values)
