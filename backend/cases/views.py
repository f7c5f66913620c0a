"""Rows into answers: masking, labels, progress sentences."""

from collections.abc import Sequence
from operator import attrgetter

from backend.cases.blinding import event_without_people, without_people
from backend.cases.models import Case, CaseEvent
from backend.cases.repository import CaseRepository
from backend.cases.schemas import (
    Added,
    CaseOut,
    CaseStatus,
    ContactOut,
    DueOut,
    EventOut,
    PublicEvent,
    SimilarCase,
)
from backend.cases.wording import phrase, present, status_label
from backend.core.privacy import Vault, mask_name, mask_phone
from backend.places.service import gazetteer
from backend.taxonomy.service import taxonomy

CONTACT = "case contact"
_SHOWN = tuple(name for name in CaseOut.model_fields if hasattr(Case, name))
"""Columns that are shown as they are."""
_shown = attrgetter(*_SHOWN)


def open_contact(case: Case, vault: Vault) -> dict[str, str | None]:
    """The sealed contact in the clear; empty if there is none."""
    return vault.open(case.contact, CONTACT) if case.contact else {}


def due_out(case: Case) -> DueOut | None:
    """The nearer of our deadline and the hotline's (decision D8)."""
    ours = None
    if case.due_at and case.due_what and case.due_basis:
        ours = DueOut(
            what=case.due_what,
            at=case.due_at,
            basis=case.due_basis,
            provisional=case.due_provisional,
            local=case.due_local,
        )
    theirs = case.external_due_at
    if theirs is None or (ours and ours.at <= theirs):
        return ours
    return DueOut(
        what=phrase("external_due"), at=theirs, basis=phrase("external_basis"), provisional=False
    )


def contact_out(case: Case, vault: Vault) -> ContactOut:
    """The contact unmasked, for a reveal."""
    contact = open_contact(case, vault)
    return ContactOut(
        case_no=case.case_no,
        contact_name=contact.get("name"),
        contact_phone=contact.get("phone"),
        person=contact.get("person"),
        description=contact.get("description") or case.description,
    )


def event_out(event: CaseEvent) -> EventOut:
    """An event for staff who may see people."""
    return EventOut.model_validate(
        {
            "at": event.at,
            "kind": event.kind,
            "audience": event.audience,
            "by": event.actor_label,
            "from_status": event.from_status,
            "to_status": event.to_status,
            "status_label": status_label(event.to_status) if event.to_status else None,
            "note": event.note,
            "data": event.data,
        }
    )


def public_event(event: CaseEvent) -> PublicEvent:
    """An event for the reporter."""
    return PublicEvent(
        at=event.at,
        kind=event.kind,
        status=event.to_status,
        status_label=status_label(event.to_status) if event.to_status else None,
        note=event.note,
    )


def added(case: Case, supporters: int | None = None) -> Added:
    """Confirmation that something was added to a case."""
    return Added(
        case_no=case.case_no,
        status=case.status,
        status_label=status_label(case.status),
        at=case.updated_at,
        supporters=supporters,
    )


def similar_case(case: Case, score: float, supporters: int) -> SimilarCase:
    """A case without anybody's identity."""
    return SimilarCase(
        case_no=case.case_no,
        type=case.type,
        village=case.village,
        summary=case.summary,
        status=case.status,
        status_label=status_label(case.status),
        created_at=case.created_at,
        supporters=supporters,
        score=round(score, 3),
    )


class CaseViews:
    """Views that need further rows; without ``identity`` people are left out altogether."""

    def __init__(self, rows: CaseRepository, vault: Vault, *, identity: bool = True) -> None:
        self._rows = rows
        self._vault = vault
        self._identity = identity

    async def many(self, cases: Sequence[Case]) -> list[CaseOut]:
        """Cases with masked contacts and their progress, in the order given."""
        notes = await self._rows.latest_notes([case.id for case in cases])
        return [self._one(case, notes.get(case.id)) for case in cases]

    async def one(self, case: Case) -> CaseOut:
        """One case with a masked contact."""
        return (await self.many([case]))[0]

    async def statuses(self, cases: Sequence[Case]) -> list[CaseStatus]:
        """How cases stand, for their reporter."""
        events = await self._rows.events([case.id for case in cases], public_only=True)
        return [
            _status(case, [event for event in events if event.case_id == case.id]) for case in cases
        ]

    def _one(self, case: Case, latest: str | None) -> CaseOut:
        contact = open_contact(case, self._vault)
        view = CaseOut.model_validate(
            dict(zip(_SHOWN, _shown(case), strict=True))
            | {
                "type_label": taxonomy().label(case.type),
                "status_label": status_label(case.status),
                "place": gazetteer().full_name(case.town, case.village),
                "contact_name": mask_name(contact.get("name")),
                "contact_phone": mask_phone(contact.get("phone")),
                "due": due_out(case),
                "due_paused_since": case.due_paused_at,
                "progress": progress(case, latest),
            }
        )
        return view if self._identity else without_people(view, contact, present(case))

    def events(self, case: Case, events: Sequence[CaseEvent]) -> list[EventOut]:
        """A case's events for staff."""
        shown = [event_out(event) for event in events]
        if self._identity:
            return shown
        contact = open_contact(case, self._vault)
        return [event_without_people(event, case.category, contact) for event in shown]


def progress(case: Case, latest: str | None) -> str:
    """The last public event's note, or what happens now in one sentence."""
    return latest or present(case)


def _status(case: Case, events: Sequence[CaseEvent]) -> CaseStatus:
    return CaseStatus.model_validate(
        {
            "case_no": case.case_no,
            "category": case.category,
            "type": case.type,
            "type_label": taxonomy().label(case.type),
            "summary": case.summary,
            "status": case.status,
            "status_label": status_label(case.status),
            "progress": progress(case, events[-1].note if events else None),
            "due": due_out(case),
            "created_at": case.created_at,
            "updated_at": case.updated_at,
            "events": [public_event(event) for event in events],
        }
    )
