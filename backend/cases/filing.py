"""Filing a case: checks, number, seal, first clock, first event, once per idempotency key."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.case_no import new_case_no
from backend.cases.errors import KeyReusedError, TypeMismatchError, UnknownCodeError
from backend.cases.models import Case, CaseEvent
from backend.cases.repository import CaseRepository
from backend.cases.rules import Status, holder_of
from backend.cases.schemas import CaseCreate, CaseOut
from backend.cases.steps import deadline, set_due
from backend.cases.views import CONTACT, CaseViews, open_contact
from backend.core.clock import local_date
from backend.core.errors import AppError
from backend.core.metrics import CASES_FILED
from backend.core.privacy import Vault, mask_text
from backend.core.resources import Resources
from backend.deadlines.clockwork import Clockwork, load_clockwork
from backend.phones.service import Phones, phone_hash
from backend.places.service import TOWN_CODE_CHARS, gazetteer
from backend.staff.rules import Caller, StaffMember
from backend.taxonomy.schemas import Leaf
from backend.taxonomy.service import taxonomy

_NUMBER_TRIES = 50
_SUMMARY_CHARS = 80
_DUE_COLUMNS = (
    "due_event", "due_what", "due_at", "due_basis", "due_local", "due_started_at", "due_verb",
)  # fmt: skip


class NumbersUsedUpError(AppError):
    """No free case number was found for today."""

    status, code = 503, "case_numbers_used_up"


def proof_hash(vault: Vault, case_no: str, last4: str) -> str:
    """What proves the last four digits of a case's phone."""
    return vault.keyed_hash("case proof", f"{case_no}:{last4}")


def give_phone(case: Case, phone: str, vault: Vault) -> None:
    """A number told after filing becomes the case's: to ring, and to prove ownership with."""
    contact = open_contact(case, vault) | {"phone": phone}
    case.contact = vault.seal(contact, CONTACT)
    case.phone_hash = phone_hash(vault, phone)
    case.proof_hash = proof_hash(vault, case.case_no, phone[-4:])
    case.anonymous = False


def check_leaf(new: CaseCreate) -> Leaf:
    """The type with its group and category.

    Raises:
        UnknownCodeError: no such type. TypeMismatchError: it lies elsewhere than claimed.
    """
    leaf = taxonomy().leaf(new.type)
    if leaf is None:
        raise UnknownCodeError("type")
    if (new.category or leaf.category, new.group or leaf.group) != (leaf.category, leaf.group):
        raise TypeMismatchError(f"{new.type}: {leaf.category}/{leaf.group}")
    return leaf


def check_place(town: str | None, village: str | None) -> tuple[str | None, str | None]:
    """Town and village; the village implies its town.

    Raises:
        UnknownCodeError: no such town or village, or the village lies in another town.
    """
    places = gazetteer()
    if village is not None and village not in places.villages:
        raise UnknownCodeError("village")
    implied = village[:TOWN_CODE_CHARS] if village else None
    if town is not None and (town not in places.towns or (implied and implied != town)):
        raise UnknownCodeError("town")
    return town or implied, village


class CaseFiling:
    """Files cases within one request."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._session = session
        self._rows = CaseRepository(session)
        self._resources = resources
        self._vault = resources.vault
        self._views = CaseViews(self._rows, resources.vault)

    async def file(self, new: CaseCreate, caller: Caller, key: str) -> tuple[CaseOut, bool]:
        """The case, and whether this call filed it (False: the key had filed it before).

        Raises:
            KeyReusedError: the key filed a different body.
            UnknownCodeError, TypeMismatchError: codes that do not exist or do not belong together.
        """
        now = self._resources.clock.now()
        new = await self._with_number(new)
        actor = caller.username if isinstance(caller, StaffMember) else "service"
        body_hash = self._vault.keyed_hash("case body", new.model_dump_json())
        if not await self._rows.claim_key(actor, key, body_hash, now):
            return await self._filed_before(actor, key, body_hash), False
        case = await self._insert(new, caller, now)
        await self._rows.bind_key(actor, key, case.id)
        await self._rows.follow(case.id, "reporter", case.conversation_id, now)
        await self._rows.add(_created_event(case, caller, new.progress, now))
        CASES_FILED.labels(case.category, case.channel).inc()
        return await self._views.one(case), True

    async def _with_number(self, new: CaseCreate) -> CaseCreate:
        """A case told by text message has the number that it came from, unless another was given."""
        if new.channel != "sms" or new.contact_phone or new.anonymous or not new.conversation_id:
            return new
        number = await Phones(self._session, self._vault).number_of(new.conversation_id)
        return new.model_copy(update={"contact_phone": number})

    async def _filed_before(self, actor: str, key: str, body_hash: str) -> CaseOut:
        used = await self._rows.used_key(actor, key)
        if used.body_hash != body_hash or used.case_id is None:
            raise KeyReusedError
        return await self._views.one(await self._rows.by_id(used.case_id))

    async def _insert(self, new: CaseCreate, caller: Caller, now: datetime) -> Case:
        leaf = check_leaf(new)
        town, village = check_place(new.town, new.village)
        clockwork = await load_clockwork(self._session, self._resources.settings, now)
        values = self._values(new, leaf, clockwork, now) | {
            "town": town,
            "village": village,
            "filed_by": caller.username if isinstance(caller, StaffMember) else None,
            "first_receiver": caller.username if isinstance(caller, StaffMember) else None,
        }
        for _ in range(_NUMBER_TRIES):
            case_no = new_case_no(leaf.category, local_date(now))
            proof = self._proof(case_no, new.contact_phone)
            case_id = await self._rows.insert(values | {"case_no": case_no, "proof_hash": proof})
            if case_id is not None:
                return await self._rows.by_id(case_id)
        raise NumbersUsedUpError

    def _proof(self, case_no: str, phone: str | None) -> str | None:
        return proof_hash(self._vault, case_no, phone[-4:]) if phone else None

    def _values(
        self, new: CaseCreate, leaf: Leaf, clockwork: Clockwork, now: datetime
    ) -> dict[str, Any]:
        description = mask_text(new.description)
        draft = Case(
            category=leaf.category, group=leaf.group, status=Status.RECEIVED, created_at=now
        )
        due = deadline(
            draft, Status.RECEIVED, Status.RECEIVED, now, clockwork.local, clockwork.work
        )
        set_due(draft, due)
        return {name: getattr(draft, name) for name in _DUE_COLUMNS} | {
            "due_provisional": draft.due_provisional,
            "category": leaf.category,
            "group": leaf.group,
            "type": leaf.type,
            "status": Status.RECEIVED.value,
            "address": mask_text(new.address) if new.address else None,
            "description": description,
            "summary": mask_text(new.summary) if new.summary else description[:_SUMMARY_CHARS],
            "beneficiaries": new.beneficiaries,
            "amount_cny": new.amount_cny,
            "groups": list(dict.fromkeys(new.groups)),
            "contact": self._sealed(new, description),
            "phone_hash": self._phone_hash(new.contact_phone),
            "on_behalf": new.on_behalf,
            "anonymous": new.anonymous,
            "channel": new.channel,
            "conversation_id": new.conversation_id,
            "external_ref": new.external_ref,
            "external_due_at": new.external_due,
            "confidence": new.confidence,
            "labelled_by": new.labelled_by,
            "source": new.source,
            "proposer_kind": new.proposer_kind,
            "holder": holder_of(leaf.category, Status.RECEIVED),
            "created_at": now,
            "updated_at": now,
            "entered_at": now,
        }

    def _sealed(self, new: CaseCreate, masked: str) -> str | None:
        contact = {"name": new.contact_name, "phone": new.contact_phone, "person": new.person}
        if masked != new.description:
            contact["description"] = mask_text(new.description, identity_only=True)
        return self._vault.seal(contact, CONTACT) if any(contact.values()) else None

    def _phone_hash(self, phone: str | None) -> str | None:
        return phone_hash(self._vault, phone) if phone else None


def _created_event(case: Case, caller: Caller, note: str | None, now: datetime) -> CaseEvent:
    by_staff = isinstance(caller, StaffMember)
    return CaseEvent(
        case_id=case.id,
        at=now,
        kind="created",
        audience="public",
        actor_kind="staff" if by_staff else "citizen",
        actor=caller.username if isinstance(caller, StaffMember) else None,
        actor_label=caller.display_name if isinstance(caller, StaffMember) else None,
        from_status=None,
        to_status=Status.RECEIVED.value,
        note=note,
        data={},
    )
