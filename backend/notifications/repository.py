"""Queries on notices, their steps, the log, and preferences."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case, CaseEvent, CaseFollower
from backend.conversations.models import OutboundMessage
from backend.core.db import locked
from backend.notifications.models import Dispatch, Notice, NoticeState, NoticeStep, Preference

_LOG_LIMIT = 500


class NoticeRepository:
    """Notices of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def event(self, event_id: int) -> CaseEvent | None:
        """An event of a case."""
        return await self._session.get(CaseEvent, event_id)

    async def case(self, case_id: int, *, lock: bool = False) -> Case:
        """A case that is known to exist; ``lock`` lets plans of one case take turns."""
        statement = select(Case).where(Case.id == case_id)
        if lock:
            statement = locked(statement)
        return (await self._session.scalars(statement)).one()

    async def followers(self, case_id: int) -> Sequence[CaseFollower]:
        """Who follows a case, its reporter first."""
        statement = select(CaseFollower).where(
            CaseFollower.case_id == case_id, CaseFollower.ended_at.is_(None)
        )
        return (await self._session.scalars(statement.order_by(CaseFollower.id))).all()

    async def follower(self, follower_id: int) -> CaseFollower:
        """A follower that is known to exist."""
        statement = select(CaseFollower).where(CaseFollower.id == follower_id)
        return (await self._session.scalars(statement)).one()

    async def claim_step(self, event_id: int, follower_id: int) -> bool:
        """Take one event for one follower; ``False`` if it was taken."""
        new = insert(NoticeStep).values(event_id=event_id, follower_id=follower_id)
        claimed = new.on_conflict_do_nothing().returning(NoticeStep.event_id)
        return await self._session.scalar(claimed) is not None

    async def bind_step(self, event_id: int, follower_id: int, notice_id: int) -> None:
        """Say which notice tells of the event."""
        step = await self._session.get_one(NoticeStep, (event_id, follower_id))
        step.notice_id = notice_id
        await self._session.flush()

    async def open_notice(self, case_id: int, follower_id: int) -> Notice | None:
        """The notice that has not gone anywhere yet and may take steps in, locked."""
        statement = select(Notice).where(
            Notice.case_id == case_id,
            Notice.follower_id == follower_id,
            Notice.state == NoticeState.WAITING,
            Notice.channel.is_(None),
            Notice.promised.is_(None),
        )
        return await self._session.scalar(locked(statement))

    async def waiting(self, case_id: int) -> dict[int, Notice]:
        """The notices of a case that wait for further steps, by follower; not locked."""
        statement = select(Notice).where(
            Notice.case_id == case_id,
            Notice.state == NoticeState.WAITING,
            Notice.channel.is_(None),
            Notice.promised.is_(None),
        )
        return {notice.follower_id: notice for notice in await self._session.scalars(statement)}

    async def add(self, row: Notice | Dispatch) -> None:
        """Store a new row."""
        self._session.add(row)
        await self._session.flush()

    async def skip(
        self,
        event: CaseEvent,
        follower: CaseFollower,
        case_no: str,
        reason: str,
        at: datetime,
        template: str | None = None,
    ) -> None:
        """Note in the log that the follower is sent nothing about that event, and why."""
        await self.add(
            Dispatch(
                at=at,
                case_id=event.case_id,
                event_id=event.id,
                follower_id=follower.id,
                channel=None,
                key=f"{case_no}:{event.id}:{follower.id}:-",
                outcome="skipped",
                reason=reason,
                template=template,
            )
        )

    async def due(self, now: datetime, limit: int) -> Sequence[int]:
        """Notices whose time has come, oldest first."""
        statement = select(Notice.id).where(
            Notice.state == NoticeState.WAITING, Notice.send_after <= now
        )
        ordered = statement.order_by(Notice.send_after, Notice.id).limit(limit)
        return (await self._session.scalars(ordered)).all()

    async def handed(self, since: datetime, after_id: int, limit: int) -> Sequence[int]:
        """Notices handed to a channel since then whose fate is open."""
        statement = select(Notice.id).where(
            Notice.state == NoticeState.HANDED, Notice.handed_at > since, Notice.id > after_id
        )
        return (await self._session.scalars(statement.order_by(Notice.id).limit(limit))).all()

    async def lock(self, notice_id: int, state: NoticeState) -> Notice | None:
        """The notice if it is in that state and nobody else works on it."""
        statement = select(Notice).where(Notice.id == notice_id, Notice.state == state)
        return await self._session.scalar(locked(statement, skips_taken=True))

    async def events_of(self, notice_id: int) -> Sequence[CaseEvent]:
        """What a notice tells of, oldest first."""
        statement = (
            select(CaseEvent)
            .join(NoticeStep, NoticeStep.event_id == CaseEvent.id)
            .where(NoticeStep.notice_id == notice_id)
            .order_by(CaseEvent.id)
        )
        return (await self._session.scalars(statement)).all()

    async def telling(self, event_id: int, follower_id: int) -> Notice | None:
        """The notice that tells that follower of the event."""
        statement = select(Notice).join(NoticeStep, NoticeStep.notice_id == Notice.id)
        return await self._session.scalar(
            statement.where(NoticeStep.event_id == event_id, NoticeStep.follower_id == follower_id)
        )

    async def get(self, notice_id: int) -> Notice:
        """A notice that is known to exist."""
        return await self._session.get_one(Notice, notice_id, populate_existing=True)

    async def outbound(self, outbound_id: int) -> OutboundMessage:
        """The stored message a notice became."""
        statement = select(OutboundMessage).where(OutboundMessage.id == outbound_id)
        found = await self._session.scalars(statement.execution_options(populate_existing=True))
        return found.one()

    async def log(self, case_id: int) -> Sequence[tuple[Dispatch, CaseFollower]]:
        """The dispatch log of a case, newest first."""
        found = await self._session.execute(
            select(Dispatch, CaseFollower)
            .join(CaseFollower, CaseFollower.id == Dispatch.follower_id)
            .where(Dispatch.case_id == case_id)
            .order_by(Dispatch.id.desc())
            .limit(_LOG_LIMIT)
        )
        return [(line, follower) for line, follower in found]

    async def preference(self, conversation_id: str | None) -> Preference | None:
        """What a conversation's citizen wants."""
        if conversation_id is None:
            return None
        return await self._session.get(Preference, conversation_id, populate_existing=True)

    async def prefer(self, wish: Preference) -> None:
        """Store what a citizen wants; the newest wish counts."""
        values = {
            "conversation_id": wish.conversation_id,
            "muted": wish.muted,
            "preferred": wish.preferred,
            "source": wish.source,
            "updated_at": wish.updated_at,
        }
        statement = insert(Preference).values(values)
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["conversation_id"], set_=values)
        )
