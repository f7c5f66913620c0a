"""Queries of the desk."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, case, cast, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case, CaseSupporter
from backend.core.db import locked
from backend.desk.models import DeskBatch, DeskDraft, DeskFiling, DeskLabel
from backend.desk.schemas import BatchRow, Stats

_DRAFTS_SHOWN = 100
_BATCHES_SHOWN = 5
_FILED_SHOWN = 20
_CALLER_CASES = 10


class DeskRepository:
    """The desk's rows of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, *rows: DeskBatch | DeskDraft | DeskFiling | DeskLabel) -> None:
        """Store new rows."""
        self._session.add_all(rows)
        await self._session.flush()

    async def draft(self, token: str, agent: str, *, lock: bool = False) -> DeskDraft | None:
        """An agent's own draft that has not been wiped."""
        statement = select(DeskDraft).where(
            DeskDraft.token == token, DeskDraft.agent == agent, DeskDraft.sealed.is_not(None)
        )
        if lock:
            statement = locked(statement)
        return await self._session.scalar(statement)

    async def draft_by_id(self, draft_id: int) -> DeskDraft | None:
        """Any draft, for the job that reads it."""
        return await self._session.get(DeskDraft, draft_id)

    async def open_drafts(self, agent: str) -> Sequence[DeskDraft]:
        """What waits for the agent: danger first, then the most doubtful."""
        return (
            await self._session.scalars(
                select(DeskDraft)
                .where(DeskDraft.agent == agent, DeskDraft.state != "closed")
                .order_by(*_urgency())
                .limit(_DRAFTS_SHOWN)
            )
        ).all()

    async def next_draft(self, agent: str, after: DeskDraft) -> str | None:
        """The draft to go on with: the most doubtful of those that are read."""
        statement = select(DeskDraft.token).where(
            DeskDraft.agent == agent,
            DeskDraft.state.in_(("ready", "failed")),
            DeskDraft.id != after.id,
        )
        return await self._session.scalar(statement.order_by(*_urgency()).limit(1))

    async def batches(self, agent: str, token: str | None = None) -> list[BatchRow]:
        """How far the agent's latest uploads are, or the one named."""

        def in_state(*states: str) -> ColumnElement[int]:
            return func.count().filter(DeskDraft.state.in_(states))

        statement = (
            select(
                DeskBatch.token,
                DeskBatch.name,
                DeskBatch.created_at,
                func.count(),
                in_state("ready", "failed", "closed"),
                in_state("failed"),
                in_state("closed"),
            )
            .join(DeskDraft, DeskDraft.batch_id == DeskBatch.id)
            .where(DeskBatch.agent == agent)
            .group_by(DeskBatch.id)
            .order_by(DeskBatch.id.desc())
            .limit(_BATCHES_SHOWN)
        )
        if token is not None:
            statement = statement.where(DeskBatch.token == token)
        return [BatchRow(*row) for row in await self._session.execute(statement)]

    async def filings(self, draft_id: int) -> dict[int, DeskFiling]:
        """What became of a draft's cards, by card; undone ones left out."""
        found = await self._session.scalars(
            select(DeskFiling).where(
                DeskFiling.draft_id == draft_id, DeskFiling.undone_at.is_(None)
            )
        )
        return {filing.card: filing for filing in found}

    async def times_decided(self, draft_id: int, card: int) -> int:
        """How often a card was decided, undone ones counted."""
        statement = select(func.count()).where(
            DeskFiling.draft_id == draft_id, DeskFiling.card == card
        )
        return await self._session.scalar(statement) or 0

    async def filing(self, filing_id: int, draft_id: int) -> DeskFiling | None:
        """A filing of that draft which stands."""
        return await self._session.scalar(
            locked(
                select(DeskFiling).where(
                    DeskFiling.id == filing_id,
                    DeskFiling.draft_id == draft_id,
                    DeskFiling.undone_at.is_(None),
                )
            )
        )

    async def filed_lately(self, agent: str) -> Sequence[tuple[DeskFiling, str | None, str | None]]:
        """The agent's latest filings that stand, with number and type of their cases."""
        rows = await self._session.execute(
            select(DeskFiling, Case.case_no, Case.type)
            .outerjoin(Case, Case.id == DeskFiling.case_id)
            .where(
                DeskFiling.agent == agent,
                DeskFiling.undone_at.is_(None),
                DeskFiling.kind != "dismissed",
            )
            .order_by(DeskFiling.agent, DeskFiling.at.desc())
            .limit(_FILED_SHOWN)
        )
        return [(row[0], row[1], row[2]) for row in rows]

    async def case_numbers(self, case_ids: Sequence[int]) -> dict[int, str]:
        """Case numbers by id."""
        rows = await self._session.execute(
            select(Case.id, Case.case_no).where(Case.id.in_(case_ids))
        )
        return {row[0]: row[1] for row in rows}

    async def stats(self, agent: str, since: datetime) -> Stats:
        """Cases, median seconds from paste to file, mean edits per case."""
        median = func.percentile_cont(0.5).within_group(DeskFiling.seconds)
        statement = select(func.count(), median, func.avg(cast(DeskFiling.edits, Float))).where(
            DeskFiling.agent == agent,
            DeskFiling.at >= since,
            DeskFiling.undone_at.is_(None),
            DeskFiling.kind != "dismissed",
        )
        filed, median_s, edits = (await self._session.execute(statement)).one()
        return Stats(filed, median_s, edits)

    async def cases_of_phone(self, phone_hash: str, ended: Sequence[str]) -> Sequence[Case]:
        """Open cases reported from a phone, newest first."""
        return (
            await self._session.scalars(
                select(Case)
                .where(Case.phone_hash == phone_hash, Case.status.not_in(ended))
                .order_by(Case.id.desc())
                .limit(_CALLER_CASES)
            )
        ).all()

    async def unsupport(self, case_id: int, who: str) -> None:
        """Take a supporter back."""
        supporter = await self._session.get(CaseSupporter, (case_id, who))
        if supporter is not None:
            await self._session.delete(supporter)
            await self._session.flush()

    async def wipe(self, before: datetime) -> int:
        """Forget the transcripts of drafts closed before a time; how many that were."""
        wiped = await self._session.scalars(
            update(DeskDraft)
            .where(DeskDraft.closed_at < before, DeskDraft.sealed.is_not(None))
            .values(sealed=None)
            .returning(DeskDraft.id)
        )
        return len(wiped.all())

    async def labels(
        self, agent: str | None, until: datetime
    ) -> list[tuple[DeskFiling, DeskLabel]]:
        """Labelled data of filings that can no longer be undone, of one agent or of all."""
        statement = (
            select(DeskFiling, DeskLabel)
            .join(DeskLabel, DeskLabel.filing_id == DeskFiling.id)
            .where(DeskFiling.undone_at.is_(None), DeskFiling.at <= until)
            .order_by(DeskFiling.id, DeskLabel.id)
        )
        if agent is not None:
            statement = statement.where(DeskFiling.agent == agent)
        rows = await self._session.execute(statement)
        return [(row[0], row[1]) for row in rows]


def _urgency() -> tuple[Any, ...]:
    waiting = case((DeskDraft.state == "queued", 1), else_=0)
    return (
        waiting,
        (func.cardinality(DeskDraft.danger) == 0),
        DeskDraft.doubt.desc().nulls_first(),
        DeskDraft.id,
    )
