"""The desk within one request: paste, upload, open, check."""

import dataclasses
import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import to_local
from backend.core.jobs import defer
from backend.core.resources import Resources
from backend.desk import cards, files, forms, marks
from backend.desk.errors import DraftNotFoundError, FileUnreadableError, NothingFoundError
from backend.desk.filing import Filer
from backend.desk.models import DeskBatch, DeskDraft, DeskFiling
from backend.desk.preview import Previewer
from backend.desk.reading import Contents, give_up, new_draft, opened, seal, take_in
from backend.desk.repository import DeskRepository
from backend.desk.schemas import (
    BatchRow,
    Card,
    CardInput,
    CardView,
    DraftRow,
    DraftView,
    FiledRow,
    Home,
    Preview,
)
from backend.desk.wording import say
from backend.staff.audit import AuditLog
from backend.staff.rules import StaffMember
from backend.taxonomy.service import taxonomy
from backend.understanding import client
from backend.understanding.errors import AssistantDownError
from backend.understanding.schemas import TriageIn

READ_TASK = "desk.read"
_STATS_DAYS = 30
_MOST_ADDED = 10


class DeskService:
    """An agent at the desk."""

    def __init__(self, session: AsyncSession, resources: Resources, staff: StaffMember) -> None:
        self._rows = DeskRepository(session)
        self._session = session
        self._resources = resources
        self._staff = staff
        self._preview = Previewer(session, resources, staff)
        self.filer = Filer(session, resources, staff)

    async def home(self) -> Home:
        """What waits, what was filed, how quickly."""
        now, agent = self._resources.clock.now(), self._staff.username
        midnight = to_local(now).replace(hour=0, minute=0, second=0, microsecond=0)
        return Home(
            drafts=tuple(_row(draft) for draft in await self._rows.open_drafts(agent)),
            batches=tuple(await self._rows.batches(agent)),
            filed=tuple(
                _filed_row(filing, case_no, kind)
                for filing, case_no, kind in await self._rows.filed_lately(agent)
            ),
            today=await self._rows.stats(agent, midnight),
            month=await self._rows.stats(agent, now - timedelta(days=_STATS_DAYS)),
        )

    async def paste(self, text: str) -> str:
        """Read a transcript at once; the draft's token.

        Without the assistant the draft is kept, to be filled in by hand.

        Raises:
            NothingFoundError: no words. TextTooLongError: more than 20,000 characters.
        """
        if not text.strip():
            raise NothingFoundError
        clock, vault = self._resources.clock, self._resources.vault
        draft = new_draft(self._staff.username, text, clock.now(), vault)
        draft.opened_at = draft.created_at
        masked = opened(draft, vault).text
        # the connection goes back before the slow call
        await self._session.commit()
        try:
            wanted = TriageIn(text=masked, kind="transcript")
            take_in(draft, masked, await client.read(self._resources, wanted), vault)
        except AssistantDownError:
            give_up(draft)
        await self._rows.add(draft)
        return draft.token

    async def upload(self, uploads: Sequence[tuple[str, bytes]]) -> str:
        """Queue every transcript of some files for reading; the batch's token.

        Raises:
            FileUnreadableError, NothingFoundError: nothing was queued.
        """
        found = [item for name, content in uploads for item in files.transcripts(name, content)]
        if not found:
            raise NothingFoundError(say("files.empty"))
        if len(found) > files.MAX_TRANSCRIPTS:
            problem = say("files.too_many", limit=files.MAX_TRANSCRIPTS, count=len(found))
            raise FileUnreadableError(problem)
        now, agent = self._resources.clock.now(), self._staff.username
        batch = DeskBatch(
            token=secrets.token_urlsafe(16),
            agent=agent,
            name="、".join(name for name, _ in uploads)[:100],
            created_at=now,
        )
        await self._rows.add(batch)
        drafts = [
            new_draft(
                agent,
                item.text,
                now,
                self._resources.vault,
                batch_id=batch.id,
                position=position,
                external_ref=item.external_ref,
                external_due=item.external_due,
            )
            for position, item in enumerate(found)
        ]
        await self._rows.add(*drafts)
        for draft in drafts:
            await defer(
                self._session,
                READ_TASK,
                lock=f"desk-{agent}",
                gives_way=True,
                draft_id=draft.id,
            )
        return batch.token

    async def batch(self, token: str) -> BatchRow:
        """How far an upload is."""
        found = await self._rows.batches(self._staff.username, token)
        if not found:
            raise DraftNotFoundError
        return found[0]

    async def open(
        self,
        token: str,
        *,
        refused: tuple[int, CardInput, dict[str, str]] | None = None,
    ) -> DraftView:
        """The workbench of a draft; ``refused`` is a card's form that could not be filed."""
        draft = await self._draft(token)
        draft.opened_at = draft.opened_at or self._resources.clock.now()
        contents = opened(draft, self._resources.vault)
        proposed = proposals(contents)
        filed = await self.filer.of_draft(draft)
        views = []
        for card in proposed:
            given = forms.prefilled(card, draft.external_ref, draft.external_due)
            problems: dict[str, str] = {}
            if refused and refused[0] == card.index:
                given, problems = refused[1], refused[2]
            done = filed.get(card.index)
            preview = None if done else await self._preview.of(given)
            await self._note_lookup(preview)
            views.append(CardView(card, given, preview, done, problems))
        return DraftView(
            token=draft.token,
            state=draft.state,
            lines=tuple(marks.lines(contents.text, _marks(contents, proposed))),
            cards=tuple(views),
            conflicts=tuple(cards.conflicts(contents.reading)),
            dangers=tuple(cards.dangers(contents.reading)),
            next_token=await self._rows.next_draft(self._staff.username, draft),
        )

    async def preview(self, token: str, index: int, given: CardInput) -> CardView:
        """The panel beside a card whose form has changed."""
        draft = await self._draft(token)
        card, preview = self._card(draft, index), await self._preview.of(given)
        if given.contact_phone != (card.values.get("contact_phone") or ""):
            await self._note_lookup(preview)
        return CardView(card, given, preview, None)

    async def file(self, token: str, index: int, given: CardInput) -> None:
        """File a card as a new case; errors as in ``Filer.file``."""
        draft = await self._draft(token, lock=True)
        await self.filer.file(draft, self._card(draft, index), given, self._contents(draft))
        await self._close_if_done(draft)

    async def join(self, token: str, index: int, given: CardInput, case_no: str) -> None:
        """Add the caller to a case that is known; errors as in ``Filer.join``."""
        draft = await self._draft(token, lock=True)
        card = self._card(draft, index)
        await self.filer.join(draft, card, given, case_no, self._contents(draft))
        await self._close_if_done(draft)

    async def dismiss(self, token: str, index: int) -> None:
        """Say that a card is no request."""
        draft = await self._draft(token, lock=True)
        await self.filer.dismiss(draft, self._card(draft, index), self._contents(draft))
        await self._close_if_done(draft)

    async def undo(self, token: str, filing_id: int) -> None:
        """Take a decision back within a minute; errors as in ``Filer.undo``."""
        draft = await self._draft(token, lock=True)
        await self.filer.undo(draft, filing_id)
        draft.state, draft.closed_at = "ready", None

    async def add_card(self, token: str) -> int:
        """Another request in the same transcript; the new card's index."""
        draft = await self._draft(token, lock=True)
        contents = self._contents(draft)
        if contents.added < _MOST_ADDED:
            more = dataclasses.replace(contents, added=contents.added + 1)
            seal(draft, more, self._resources.vault)
            draft.state, draft.closed_at = "ready", None
        return len(proposals(self._contents(draft))) - 1

    async def discard(self, token: str) -> None:
        """Close a draft without filing what is left of it."""
        draft = await self._draft(token, lock=True)
        draft.state, draft.closed_at = "closed", self._resources.clock.now()

    async def _draft(self, token: str, *, lock: bool = False) -> DeskDraft:
        draft = await self._rows.draft(token, self._staff.username, lock=lock)
        if draft is None or draft.state == "queued":
            raise DraftNotFoundError
        return draft

    def _contents(self, draft: DeskDraft) -> Contents:
        return opened(draft, self._resources.vault)

    def _card(self, draft: DeskDraft, index: int) -> Card:
        found = proposals(self._contents(draft))
        if not 0 <= index < len(found):
            raise DraftNotFoundError
        return found[index]

    async def _close_if_done(self, draft: DeskDraft) -> None:
        decided = await self._rows.filings(draft.id)
        if len(decided) >= len(proposals(self._contents(draft))):
            draft.state, draft.closed_at = "closed", self._resources.clock.now()

    async def _note_lookup(self, preview: Preview | None) -> None:
        """Who was shown a caller's cases is in the audit log."""
        if preview is None or not preview.caller_cases:
            return
        audit = AuditLog(self._session, self._resources.vault, self._resources.clock)
        for known in preview.caller_cases:
            await audit.write(
                self._staff.username, "phone_search", case_no=known.case_no, reason=say("lookup")
            )


def proposals(contents: Contents) -> list[Card]:
    """The machine's cards and those the agent asked for; never none."""
    found = cards.cards(contents.text, contents.reading)
    template = found[0] if found else None
    added = contents.added + (not found)
    return found + [cards.blank_card(len(found) + n, template) for n in range(added)]


def _marks(contents: Contents, proposed: Sequence[Card]) -> list[marks.Mark]:
    from_cards = [
        marks.Mark(start, end, f"{card.index}-{name}")
        for card in proposed
        for name, source in card.sources.items()
        for start, end in source.spans
    ]
    alerts = [
        marks.Mark(danger.start, danger.end, "danger") for danger in cards.dangers(contents.reading)
    ]
    return from_cards + alerts


def _row(draft: DeskDraft) -> DraftRow:
    return DraftRow(
        token=draft.token,
        state=draft.state,
        label=draft.label,
        doubt=draft.doubt,
        danger=tuple(draft.danger),
        cards=draft.cards,
        external_ref=draft.external_ref,
        created_at=draft.created_at,
    )


def _filed_row(filing: DeskFiling, case_no: str | None, kind: str | None) -> FiledRow:
    label = taxonomy().label(kind) if kind else ""
    return FiledRow(case_no, label, filing.kind, filing.at, filing.seconds, filing.edits)
