"""Cases for those who may not see people: supervisors and auditors. Pure.

A project (微实事) keeps its text without the reporter's names. A wish (微心愿) is somebody's
hardship: of it only the type, the place, the state and the deadlines remain.
"""

from backend.cases.rules import WISH
from backend.cases.schemas import CaseOut, EventOut

_HIDDEN = "〇〇"
_WISH_TEXT = "（微心愿的内容只给经办人员看）"
_ALWAYS_HIDDEN = {
    "contact_name": None,
    "contact_phone": None,
    "conversation_id": None,
    "external_ref": None,
}


def without_people(view: CaseOut, contact: dict[str, str | None], present: str) -> CaseOut:
    """The case without anybody's identity; ``present`` says neutrally how it stands."""
    if view.category == WISH:
        hidden: dict[str, object] = {
            "address": None,
            "description": _WISH_TEXT,
            "summary": view.type_label,
            "progress": present,
        }
    else:
        texts = ("address", "description", "summary", "progress")
        hidden = {name: _scrubbed(getattr(view, name), contact) for name in texts}
    return view.model_copy(update=_ALWAYS_HIDDEN | hidden)


def event_without_people(
    event: EventOut, category: str, contact: dict[str, str | None]
) -> EventOut:
    """An event without the reporter's names; of a wish only what kind of event it was."""
    if category == WISH:
        return event.model_copy(update={"note": None, "data": {}})
    data = {
        key: {code: _scrubbed(value, contact) for code, value in recorded.items()}
        for key, recorded in event.data.items()
        if key == "fields"
    }
    return event.model_copy(update={"note": _scrubbed(event.note, contact), "data": data})


def _scrubbed(text: str | None, contact: dict[str, str | None]) -> str | None:
    """The text without the contact's name and the person it is for."""
    for key in ("name", "person"):
        words = contact.get(key)
        if text and words:
            text = text.replace(words, _HIDDEN)
    return text
