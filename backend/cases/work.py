"""What staff do with cases: list, open, move, note, reveal. Scope comes from one rule."""

import base64
import binascii
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.case_no import parse_case_no
from backend.cases.clocks import Clocks
from backend.cases.errors import (
    CaseChangedError,
    CaseNotFoundError,
    ClaimWaitRunningError,
    CursorInvalidError,
    FieldsNeededError,
    NoteNeededError,
    NotVerifiedError,
    PublicityRunningError,
    TransitionNotAllowedError,
)
from backend.cases.events import staff_event
from backend.cases.models import Case
from backend.cases.public_words import faults
from backend.cases.repository import CaseRepository
from backend.cases.rules import (
    ENDED,
    Actor,
    Guard,
    Status,
    Step,
    allowed,
    claim_wait_over,
    find_step,
    publicity_over,
)
from backend.cases.schemas import (
    CaseDetail,
    CaseFilter,
    CasePage,
    ContactOut,
    EventList,
    EventOut,
    NoteIn,
    SimilarCases,
    TransitionIn,
)
from backend.cases.similarity import similarity
from backend.cases.step_fields import checked, fields_of
from backend.cases.views import CaseViews, contact_out, event_out, open_contact, similar_case
from backend.core.errors import ForbiddenError
from backend.core.metrics import TRANSITIONS
from backend.core.resources import Resources
from backend.deadlines.clockwork import load_clockwork
from backend.staff.audit import AuditLog
from backend.staff.rules import (
    PUBLIC_WORDS,
    Caller,
    Role,
    StaffMember,
    may_reveal,
    public_section,
    sees_identity,
    visible_cases,
)

_SIMILAR_LIMIT = 5
_ACTORS: dict[Role, Actor | None] = {
    "hotline": "hotline",
    "village": "village",
    "town": "town",
    "city": "city",
    "auditor": None,
    "supervisor": None,
}


def encode_cursor(case_id: int) -> str:
    """An opaque cursor that continues after this case."""
    return base64.urlsafe_b64encode(f"c{case_id}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> int:
    """The case a cursor continues after.

    Raises:
        CursorInvalidError: it was not made here.
    """
    try:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        case_id = int(plain.removeprefix("c"))
    except (binascii.Error, ValueError) as error:
        raise CursorInvalidError from error
    if not plain.startswith("c") or not 0 <= case_id < 2**63:
        raise CursorInvalidError
    return case_id


class CaseDesk:
    """A caller's view of the cases within one request."""

    def __init__(self, session: AsyncSession, resources: Resources, caller: Caller) -> None:
        self._rows = CaseRepository(session)
        self._identity = sees_identity(caller)
        self._views = CaseViews(self._rows, resources.vault, identity=self._identity)
        self._resources = resources
        self._caller = caller
        self._scope = visible_cases(caller)

    async def page(self, wanted: CaseFilter) -> CasePage:
        """One page of the caller's cases, newest first.

        Raises:
            ForbiddenError: who may not see people may not search by words or conversations either.
        """
        if not self._identity and (wanted.q or wanted.conversation_id):
            raise ForbiddenError
        before = decode_cursor(wanted.cursor) if wanted.cursor else None
        found = await self._rows.page(wanted, self._scope, before)
        items = found.cases[: wanted.limit]
        last = found.stopped[1] if found.stopped else None
        if len(found.cases) > wanted.limit:
            last = items[-1].id
        return CasePage(
            items=await self._views.many(items),
            next_cursor=encode_cursor(last) if last is not None else None,
        )

    async def similar(self, type_: str, village: str | None, text: str) -> SimilarCases:
        """Open cases of that type (and village) whose words are alike, without identity."""
        if not self._identity:
            raise ForbiddenError
        ended = [status.value for status in ENDED]
        scope = self._scope
        cases = await self._rows.alike(type_, village, ended, scope)
        scored = [(similarity(text, f"{c.summary}{c.description}"), c) for c in cases]
        best = sorted(scored, key=lambda pair: (-pair[0], -pair[1].id))[:_SIMILAR_LIMIT]
        best = [(score, case) for score, case in best if score > 0 or not text]
        counts = await self._rows.supporters([case.id for _, case in best])
        return SimilarCases(
            items=[similar_case(case, score, counts.get(case.id, 0)) for score, case in best]
        )

    async def find(self, raw_case_no: str, *, lock: bool = False) -> Case:
        """The case, if it lies in the caller's scope."""
        case = await self._rows.by_no(parse_case_no(raw_case_no), self._scope, lock=lock)
        if case is None:
            raise CaseNotFoundError
        return case

    async def events(self, case_no: str) -> EventList:
        """All events of a case, oldest first."""
        case = await self.find(case_no)
        events = await self._rows.events([case.id], public_only=False)
        return EventList(items=self._views.events(case, events))


class StaffDesk(CaseDesk):
    """What only a signed-in member of staff may do."""

    def __init__(self, session: AsyncSession, resources: Resources, staff: StaffMember) -> None:
        super().__init__(session, resources, staff)
        self._session = session
        self._staff = staff
        self._audit = AuditLog(session, resources.vault, resources.clock)

    async def open(self, case_no: str) -> CaseDetail:
        """One case in full, with what may be done with it next."""
        return await self.detail(await self.find(case_no))

    async def reveal(self, case_no: str, reason: str) -> ContactOut:
        """The contact unmasked; who, when and why go into the audit log first."""
        case = await self.find(case_no)
        if not may_reveal(self._staff):
            raise ForbiddenError
        await self._audit.write(
            self._staff.username, "reveal_contact", case_no=case.case_no, reason=reason
        )
        return contact_out(case, self._resources.vault)

    async def note(self, case_no: str, new: NoteIn) -> EventOut:
        """Write a note without moving the case."""
        self._actor()
        case = await self._changeable(case_no, new.version)
        now = self._resources.clock.now()
        case.updated_at = now
        event = staff_event(case, "note", self._staff, now, note=new.note, audience=new.audience)
        await self._rows.add(event)
        return event_out(event)

    async def move(self, case_no: str, wish: TransitionIn) -> CaseDetail:
        """Take one step of the table.

        Raises:
            TransitionNotAllowedError: not from here or not by this role; lists what is allowed.
            NoteNeededError: the step must be explained, or the other case named.
            ClaimWaitRunningError: the special fund before the time for a claim is over.
            PublicityRunningError: implementation before five full days of publicity.
            NotVerifiedError: a wish is assessed that the village has not verified.
            FieldsNeededError: fields were sent, but not all that the step needs.
            CaseChangedError: ``wish.version`` is older than the case.
        """
        case = await self._changeable(case_no, wish.version)
        origin, now = Status(case.status), self._resources.clock.now()
        step = self._step(case, origin, wish.to)
        if step.needs_note and not wish.note:
            raise NoteNeededError
        await self._check(step, case, wish, now)
        recorded = self._recorded(step, case, wish.fields) if wish.fields is not None else {}
        clockwork = await load_clockwork(self._session, self._resources.settings, now)
        await Clocks(self._session, clockwork).enter(case, step.to, now, recorded)
        await self._record(case, origin, wish, now, recorded)
        TRANSITIONS.labels(step.to.value).inc()
        return await self.detail(case)

    def _recorded(self, step: Step, case: Case, sent: dict[str, str]) -> dict[str, str]:
        """What to record with a step; what becomes public must tell of nobody."""
        recorded = checked(step, sent)
        section = public_section(case.category, step.to)
        public = PUBLIC_WORDS[section] if section else ()
        contact = open_contact(case, self._resources.vault)
        found = faults(
            case.category,
            {one.code: sent.get(one.code, "") for one in fields_of(step) if one.code in public},
            contact,
            said=contact.get("description") or case.description,
            address=case.address,
        )
        if found:
            raise FieldsNeededError(fields=found)
        return recorded

    async def _check(self, step: Step, case: Case, wish: TransitionIn, now: datetime) -> None:
        """The step's guard."""
        if step.guard == Guard.PUBLICITY_OVER and not publicity_over(case.entered_at, now):
            raise PublicityRunningError
        if step.guard == Guard.CLAIM_WAIT_OVER and not claim_wait_over(case.due_at, now):
            raise ClaimWaitRunningError
        if step.guard == Guard.VERIFIED and not await self._rows.was_in(
            case, Status.VERIFICATION.value
        ):
            raise NotVerifiedError
        if step.guard == Guard.TARGET_NAMED:
            case.merged_into = await self._merge(case, wish.merged_into)

    async def _changeable(self, case_no: str, seen_version: int | None) -> Case:
        """The case, locked; refused if it has changed since the writer read it."""
        case = await self.find(case_no, lock=True)
        if seen_version is not None and seen_version != case.version:
            raise CaseChangedError(current_version=case.version)
        case.first_receiver = case.first_receiver or self._staff.username
        return case

    def _actor(self) -> Actor:
        actor = _ACTORS[self._staff.role]
        if actor is None:
            raise ForbiddenError
        return actor

    def _step(self, case: Case, origin: Status, to: str) -> Step:
        actor = self._actor()
        resume_to = Status(case.resume_to) if case.resume_to else None
        known = Status(to) if to in Status else None
        step = known and find_step(case.category, origin, known, actor, resume_to)
        if not step:
            raise TransitionNotAllowedError(
                current_status=origin.value,
                allowed=allowed(case.category, origin, actor, resume_to),
            )
        return step

    async def _merge(self, case: Case, raw_case_no: str | None) -> int:
        """Join the case to another: its reporter counts as a supporter there."""
        if raw_case_no is None:
            raise NoteNeededError("merged_into")
        target = await self.find(raw_case_no, lock=True)
        if target.id == case.id or Status(target.status) in ENDED:
            raise TransitionNotAllowedError("merged_into", current_status=case.status, allowed=[])
        now = self._resources.clock.now()
        reporter = case.conversation_id or case.case_no
        who = self._resources.vault.keyed_hash("supporter", reporter)
        await self._rows.support(target.id, who, now)
        target.updated_at = now
        data = {"case_no": case.case_no}
        await self._rows.add(staff_event(target, "joined", self._staff, now, data=data))
        return target.id

    async def _record(
        self,
        case: Case,
        origin: Status,
        wish: TransitionIn,
        now: datetime,
        recorded: dict[str, str],
    ) -> None:
        to = Status(case.status)
        data = {"fields": recorded} if recorded else {}
        await self._rows.add(
            staff_event(
                case,
                "transition",
                self._staff,
                now,
                note=wish.note,
                audience="public",
                origin=origin,
                to=to,
                data=data,
            )
        )
        if wish.staff_note:
            await self._rows.add(staff_event(case, "note", self._staff, now, note=wish.staff_note))

    async def record(
        self, case: Case, kind: str, now: datetime, *, note: str | None, audience: str = "public"
    ) -> None:
        """Append to the history in this person's name."""
        await self._rows.add(
            staff_event(case, kind, self._staff, now, note=note, audience=audience)
        )

    async def detail(self, case: Case) -> CaseDetail:
        """A case in full."""
        view = await self._views.one(case)
        counts = await self._rows.supporters([case.id])
        actor = _ACTORS[self._staff.role]
        resume_to = Status(case.resume_to) if case.resume_to else None
        steps = allowed(case.category, Status(case.status), actor, resume_to) if actor else []
        merged = await self._rows.by_id(case.merged_into) if case.merged_into else None
        return CaseDetail(
            **view.model_dump(),
            allowed_transitions=steps,
            supporters=counts.get(case.id, 0),
            merged_into=merged.case_no if merged else None,
        )
