"""What a reporter may do: ask for progress, add, rate, withdraw, all on proof of ownership."""

import hmac
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.case_no import parse_case_no
from backend.cases.clocks import Clocks
from backend.cases.errors import (
    CaseClosedError,
    CaseNotFoundError,
    NotFinishedError,
    ProofNeededError,
    TransitionNotAllowedError,
)
from backend.cases.filing import give_phone, proof_hash
from backend.cases.followups import FollowUps
from backend.cases.models import Case, CaseEvent, CaseRating
from backend.cases.repository import CaseRepository
from backend.cases.rules import ENDED, FINISHED, Status, allowed, find_step
from backend.cases.schemas import (
    Added,
    EventList,
    Proof,
    RatingIn,
    StatusAnswer,
    StatusQuery,
    SupplementIn,
    SupporterIn,
    WithdrawalIn,
)
from backend.cases.views import CaseViews, added, event_out
from backend.core.metrics import STATUS_QUERIES, TRANSITIONS
from backend.core.privacy import mask_text, normalise_phone
from backend.core.resources import Resources
from backend.core.throttle import Limits, Throttle
from backend.deadlines.clockwork import Clockwork
from backend.phones.service import Phones
from backend.staff.rules import Scope

ANYWHERE = Scope(everything=True)
_MOST_CASES = 10
_CASE_TRIES_FACTOR = 2


class Ownership:
    """Proves, within one request, that a conversation may speak for a case."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._session = session
        self._vault = resources.vault
        self._clock = resources.clock
        self._rows = CaseRepository(session)
        self._phones = Phones(session, resources.vault)
        settings = resources.settings
        tries, window_s = settings.status_tries, settings.status_window_s
        self._per_conversation = Throttle("proof_conversation", tries, window_s)
        self._per_case = Throttle("proof_case", tries * _CASE_TRIES_FACTOR, window_s)

    async def prove(self, raw_case_no: str, proof: Proof, *, lock: bool = False) -> Case:
        """The case, if its own conversation or its own number asks, or the last four digits fit.

        Strangers learn nothing: "no such case" and "not yours" are the same error after the same
        work, and wrong tries are counted per conversation and per number.

        Raises:
            CaseNoInvalidError: the check digit is wrong.
            ProofNeededError: another conversation, and no digits were given.
            CaseNotFoundError: no such case, or the digits do not fit.
            TooManyTriesError: too many wrong tries lately.
        """
        case_no = parse_case_no(raw_case_no)
        case = await self._rows.by_no(case_no, ANYWHERE, lock=lock)
        held = await self._phones.proven_by(proof.conversation_id)
        if case and _same(case.conversation_id or "", proof.conversation_id):
            return case
        if case and _same(case.phone_hash or "", held or ""):
            return case
        if proof.phone_last4 is None:
            raise ProofNeededError
        return await self._by_digits(case_no, case, proof)

    async def _by_digits(self, case_no: str, case: Case | None, proof: Proof) -> Case:
        now = self._clock.now()
        limits = Limits(
            (
                (self._per_conversation, self._subject("conversation", proof.conversation_id)),
                (self._per_case, self._subject("case", case_no)),
            )
        )
        await limits.check(self._session, now)
        digits = normalise_phone(proof.phone_last4 or "")
        given = proof_hash(self._vault, case_no, digits)
        if _same((case.proof_hash if case else None) or "", given) and case:
            return case
        await limits.record(self._session, now)
        raise CaseNotFoundError

    def _subject(self, kind: str, value: str) -> str:
        return self._vault.keyed_hash(f"try {kind}", value)


def _same(left: str, right: str) -> bool:
    return bool(left) and hmac.compare_digest(left.encode(), right.encode())


class ReporterService:
    """A reporter's calls within one request."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._ownership = Ownership(session, resources)
        self._rows = CaseRepository(session)
        self._clocks = Clocks(session, Clockwork())
        self._phones = Phones(session, resources.vault)
        self._views = CaseViews(self._rows, resources.vault)
        self._follow_ups = FollowUps(session, resources)
        self._resources = resources

    def _now(self) -> datetime:
        return self._resources.clock.now()

    async def status(self, query: StatusQuery) -> StatusAnswer:
        """How the named case, or the conversation's own cases, stand; errors as in ``prove``."""
        if query.case_no is not None:
            cases = [await self._ownership.prove(query.case_no, query)]
        else:
            cases = list(await self.own_cases(query.conversation_id))
        if not cases:
            raise ProofNeededError
        statuses = await self._views.statuses(cases)
        STATUS_QUERIES.labels("answered").inc()
        return StatusAnswer(**statuses[0].model_dump(), cases=statuses)

    async def own_cases(self, conversation_id: str) -> Sequence[Case]:
        """What this conversation filed, and what carries the number its citizen holds."""
        held = await self._phones.proven_by(conversation_id)
        return await self._rows.of_reporter(conversation_id, held, _MOST_CASES)

    async def newest_finished(self, conversation_id: str) -> Case | None:
        """The newest of one's own cases that can be rated."""
        cases = await self.own_cases(conversation_id)
        return next((case for case in cases if Status(case.status) in FINISHED), None)

    async def disown(self, conversation_id: str) -> int:
        """This conversation's number was given by somebody else: hide their cases from it.

        Neither the number nor its last four digits open these cases any more; staff read why. Where
        nobody else gave the number, what was filed from it is meant: it has changed hands since, or
        its sender was forged. Returns how many cases that were.
        """
        held = await self._phones.proven_by(conversation_id)
        if held is None:
            return 0
        cases = await self._rows.of_others_with_phone(held, conversation_id)
        cases = cases or await self._rows.filed_in(conversation_id)
        for case in cases:
            if case.conversation_id == conversation_id:
                await self._rows.unfollow(case.id, conversation_id, self._now())
                case.conversation_id = None
            case.phone_hash = case.proof_hash = None
            await self._event(case, "wrong_number", None, audience="staff")
        return len(cases)

    async def events(self, case_no: str, proof: Proof) -> EventList:
        """The public events of one's own case."""
        case = await self._ownership.prove(case_no, proof)
        events = await self._rows.events([case.id], public_only=True)
        nameless = [event_out(event).model_copy(update={"by": None}) for event in events]
        return EventList(items=nameless)

    async def supplement(self, case_no: str, new: SupplementIn) -> Added:
        """Add the reporter's words to the case."""
        case = await self._open(case_no, new)
        if new.contact_phone and case.phone_hash is None:
            give_phone(case, new.contact_phone, self._resources.vault)
        await self._event(case, "supplement", mask_text(new.text), audience="staff")
        return added(case)

    async def rate(self, case_no: str, new: RatingIn) -> Added:
        """Judge a finished case; the latest judgement counts."""
        case = await self._ownership.prove(case_no, new, lock=True)
        if Status(case.status) not in FINISHED:
            raise NotFinishedError
        comment = mask_text(new.comment) if new.comment else None
        await self._rows.add(
            CaseRating(
                case_id=case.id,
                at=self._now(),
                score=new.score,
                resolved=new.resolved,
                comment=comment,
            )
        )
        await self._event(case, "rated", comment, audience="staff")
        await self._follow_ups.judge(case, new.score, new.resolved)
        return added(case)

    async def withdraw(self, case_no: str, new: WithdrawalIn) -> Added:
        """Take the case back; a case withdrawn already stays so."""
        case = await self._ownership.prove(case_no, new, lock=True)
        origin = Status(case.status)
        if origin == Status.WITHDRAWN:
            return added(case)
        if find_step(case.category, origin, Status.WITHDRAWN, "citizen") is None:
            raise TransitionNotAllowedError(
                current_status=origin.value, allowed=allowed(case.category, origin, "citizen")
            )
        await self._clocks.enter(case, Status.WITHDRAWN, self._now())
        reason = mask_text(new.reason) if new.reason else None
        await self._event(case, "transition", None, origin=origin, to=Status.WITHDRAWN)
        if reason:
            await self._event(case, "withdrawal_reason", reason, audience="staff")
        TRANSITIONS.labels(Status.WITHDRAWN.value).inc()
        return added(case)

    async def support(self, raw_case_no: str, new: SupporterIn) -> Added:
        """Count somebody for whom the same matter matters; once per conversation."""
        case = await self._rows.by_no(parse_case_no(raw_case_no), ANYWHERE, lock=True)
        if case is None:
            raise CaseNotFoundError
        if Status(case.status) in ENDED | FINISHED:
            raise CaseClosedError
        if case.conversation_id != new.conversation_id:
            who = self._resources.vault.keyed_hash("supporter", new.conversation_id)
            if await self._rows.support(case.id, who, self._now()):
                await self._event(case, "supported", None, audience="staff")
            if new.follow:
                await self._rows.follow(case.id, "supporter", new.conversation_id, self._now())
        counts = await self._rows.supporters([case.id])
        return added(case, counts.get(case.id, 0))

    async def _open(self, case_no: str, proof: Proof) -> Case:
        case = await self._ownership.prove(case_no, proof, lock=True)
        if Status(case.status) in ENDED:
            raise CaseClosedError
        return case

    async def _event(
        self,
        case: Case,
        kind: str,
        note: str | None,
        *,
        audience: str = "public",
        origin: Status | None = None,
        to: Status | None = None,
    ) -> None:
        case.updated_at = self._now()
        await self._rows.add(
            CaseEvent(
                case_id=case.id,
                at=case.updated_at,
                kind=kind,
                audience=audience,
                actor_kind="citizen",
                actor=None,
                actor_label=None,
                from_status=origin,
                to_status=to,
                note=note,
                data={},
            )
        )
