"""Deciding about cards: file, join, dismiss, undo; every decision becomes labelled data."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.case_no import parse_case_no
from backend.cases.errors import CaseNotFoundError
from backend.cases.events import staff_event
from backend.cases.filing import CaseFiling
from backend.cases.models import Case
from backend.cases.repository import CaseRepository
from backend.cases.rules import ENDED, FINISHED, Status
from backend.cases.schemas import TransitionIn
from backend.cases.views import due_out
from backend.cases.work import StaffDesk
from backend.conversations.schemas import Notice
from backend.core.privacy import mask_text, normalise_phone
from backend.core.resources import Resources
from backend.desk import forms, texts
from backend.desk.caller_messages import UNDO_S, CallerMessages
from backend.desk.errors import (
    CannotJoinError,
    CardHandledError,
    FilingNotFoundError,
    UndoTooLateError,
)
from backend.desk.masking import without_people
from backend.desk.models import DeskDraft, DeskFiling, DeskLabel
from backend.desk.preview import JOINABLE
from backend.desk.reading import Contents
from backend.desk.repository import DeskRepository
from backend.desk.schemas import Card, CardInput, Filed
from backend.staff.rules import Scope, StaffMember, joinable_cases
from backend.taxonomy.service import taxonomy

_UNDO_NOTE = "登记后一分钟内由坐席撤销"
_ANYWHERE = Scope(everything=True)


class Filer:
    """An agent's decisions within one request."""

    def __init__(self, session: AsyncSession, resources: Resources, staff: StaffMember) -> None:
        self._rows = DeskRepository(session)
        self._cases = CaseRepository(session)
        self._callers = CallerMessages(session, resources)
        self._session = session
        self._resources = resources
        self._staff = staff

    async def file(
        self, draft: DeskDraft, card: Card, given: CardInput, contents: Contents
    ) -> DeskFiling:
        """File the card as a new case.

        Raises:
            CardHandledError: decided before. FormRefusedError: what must be changed, by field.
        """
        times = await self._undecided(draft, card)
        new = forms.to_case(given)
        source = card.sources.get("type")
        new.confidence = source.confidence if source else None
        key = f"desk-{draft.token}-{card.index}-{times}"
        out, _ = await CaseFiling(self._session, self._resources).file(new, self._staff, key)
        case = await self._case(out.case_no, _ANYWHERE)
        leaf = taxonomy().leaf(new.type)
        message = None
        if leaf is not None and texts.can_text(given.contact_phone):
            message = texts.sms(leaf, (case.town, case.village), due_out(case), case.case_no)
        filing = self._decision(draft, card, "filed", contents, case_id=case.id, sms=message)
        if message is not None:
            filing.notice_id = await self._callers.promise(case, message)
        else:
            await self._callers.read_aloud(case)
        await self._keep(filing, card, given, contents)
        return filing

    async def join(
        self, draft: DeskDraft, card: Card, given: CardInput, case_no: str, contents: Contents
    ) -> DeskFiling:
        """Count the caller on a case that is everybody's, and add what they said to it.

        Raises:
            CardHandledError: decided before. CannotJoinError: ended, or somebody's own matter.
        """
        await self._undecided(draft, card)
        case = await self._case(case_no, joinable_cases(self._staff), lock=True)
        if case.category != JOINABLE or Status(case.status) in ENDED | FINISHED:
            raise CannotJoinError
        now, vault = self._resources.clock.now(), self._resources.vault
        phone = normalise_phone(given.contact_phone)
        who = vault.keyed_hash("supporter", f"phone:{phone}" if phone else f"draft:{draft.token}")
        counted = await self._cases.support(case.id, who, now)
        case.updated_at = now
        event = staff_event(case, "supported", self._staff, now, note=_joined_note(given))
        await self._cases.add(event)
        message = None
        if texts.can_text(given.contact_phone):
            message = texts.joined_sms(taxonomy().label(case.type), case.case_no)
        filing = self._decision(draft, card, "joined", contents, case_id=case.id, sms=message)
        if message is not None:
            filing.notice_id = await self._callers.welcome(event, given.contact_phone, message)
        filing.supporter = who if counted else None
        await self._keep(filing, card, given, contents)
        return filing

    async def dismiss(self, draft: DeskDraft, card: Card, contents: Contents) -> DeskFiling:
        """Say that the card is no request."""
        await self._undecided(draft, card)
        filing = self._decision(draft, card, "dismissed", contents)
        await self._rows.add(filing)
        source = card.sources.get("type")
        await self._rows.add(
            DeskLabel(
                filing_id=filing.id,
                field="request",
                machine_value=card.values.get("type"),
                agent_value=None,
                confidence=source.confidence if source else None,
                changed=True,
            )
        )
        return filing

    async def undo(self, draft: DeskDraft, filing_id: int) -> None:
        """Take a decision back; a filed case is withdrawn, and its caller hears nothing of it.

        Raises:
            FilingNotFoundError: none, or undone already. UndoTooLateError: over a minute old, or
                the caller's message has left.
        """
        filing = await self._rows.filing(filing_id, draft.id)
        if filing is None:
            raise FilingNotFoundError
        now = self._resources.clock.now()
        if now - filing.at > timedelta(seconds=UNDO_S):
            raise UndoTooLateError
        await self._callers.forget(filing)
        filing.undone_at = now
        if filing.case_id is None:
            return
        case = await self._cases.by_id(filing.case_id)
        if filing.kind == "filed":
            desk = StaffDesk(self._session, self._resources, self._staff)
            await desk.move(case.case_no, TransitionIn(to="withdrawn", note=_UNDO_NOTE))
            return
        if filing.supporter:
            await self._rows.unsupport(case.id, filing.supporter)
        await self._cases.add(staff_event(case, "support_undone", self._staff, now))

    async def of_draft(self, draft: DeskDraft) -> dict[int, Filed]:
        """What became of a draft's cards."""
        filings = await self._rows.filings(draft.id)
        return {card: await self._filed(filing) for card, filing in filings.items()}

    async def _filed(self, filing: DeskFiling) -> Filed:
        case = await self._cases.by_id(filing.case_id) if filing.case_id else None
        age = (self._resources.clock.now() - filing.at).total_seconds()
        return Filed(
            id=filing.id,
            kind=filing.kind,
            case_no=case.case_no if case else None,
            at=filing.at,
            undo_s=max(0, int(UNDO_S - age)),
            reply=_reply(filing.kind, case) if case else None,
            sms=filing.sms,
            sms_state=await self._callers.state(filing),
            seconds=filing.seconds,
            edits=filing.edits,
        )

    async def _undecided(self, draft: DeskDraft, card: Card) -> int:
        if card.index in await self._rows.filings(draft.id):
            raise CardHandledError
        return await self._rows.times_decided(draft.id, card.index)

    async def _case(self, case_no: str, scope: Scope, *, lock: bool = False) -> Case:
        case = await self._cases.by_no(parse_case_no(case_no), scope, lock=lock)
        if case is None:
            raise CaseNotFoundError
        return case

    def _decision(
        self,
        draft: DeskDraft,
        card: Card,
        kind: str,
        contents: Contents,
        *,
        case_id: int | None = None,
        sms: Notice | None = None,
    ) -> DeskFiling:
        now = self._resources.clock.now()
        since = draft.opened_at or draft.created_at
        return DeskFiling(
            draft_id=draft.id,
            card=card.index,
            kind=kind,
            case_id=case_id,
            agent=self._staff.username,
            at=now,
            seconds=int((now - since).total_seconds()),
            edits=0,
            sms=texts.as_read(sms) if sms else None,
            text=without_people(
                contents.text,
                _names(card, contents),
                [(phone.start, phone.end) for phone in contents.reading.facts.phones],
            ),
        )

    async def _keep(
        self, filing: DeskFiling, card: Card, given: CardInput, contents: Contents
    ) -> None:
        """Store the decision with what the agent changed; the type always, right or wrong."""
        agent = forms.agent_values(given)
        changed = forms.differences(card.values, agent)
        names = [*_names(card, contents), given.contact_name, given.person]
        filing.edits = len(changed)
        await self._rows.add(filing)
        for name in forms.COMPARED:
            if name in changed or name == "type":
                source = card.sources.get(name)
                await self._rows.add(
                    DeskLabel(
                        filing_id=filing.id,
                        field=name,
                        machine_value=forms.for_training(name, card.values.get(name), names),
                        agent_value=forms.for_training(name, agent.get(name), names),
                        confidence=source.confidence if source else None,
                        changed=name in changed,
                    )
                )


def _names(card: Card, contents: Contents) -> list[str]:
    """Everybody named in a transcript."""
    told = [name.value for name in contents.reading.facts.names]
    return [*told, card.values.get("contact_name") or "", card.values.get("person") or ""]


def _joined_note(given: CardInput) -> str:
    ref = f"（12345工单 {given.external_ref}）" if given.external_ref else ""
    return mask_text(f"热线并入{ref}：{given.description}")


def _reply(kind: str, case: Case) -> str:
    if kind == "joined":
        return texts.joined_reply(case.case_no)
    leaf = taxonomy().leaf(case.type)
    if leaf is None:
        return ""
    told = CardInput(summary=case.summary, description=case.description)
    return texts.reply(told, leaf, (case.town, case.village), due_out(case), case.case_no)
