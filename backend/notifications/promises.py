"""A text that somebody was promised word for word: a notice of its own, which can be taken back.

It stands for the event it tells of, so that planning does not tell of it once more; everything
after that (quiet hours, consent, receipts, the next channel) is as with every other notice.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import CaseEvent, CaseFollower
from backend.conversations import schemas
from backend.core.clock import Clock
from backend.notifications.models import Notice, NoticeState
from backend.notifications.repository import NoticeRepository

TOLD_BY_AGENT = "told_by_agent"


class Promises:
    """Promised texts within one transaction."""

    def __init__(self, session: AsyncSession, clock: Clock) -> None:
        self._rows = NoticeRepository(session)
        self._clock = clock

    async def make(
        self,
        event: CaseEvent,
        follower: CaseFollower,
        words: schemas.Notice,
        not_before: datetime,
        *,
        is_urgent: bool = False,
    ) -> int | None:
        """Promise that text for that event; the notice's id, ``None`` if the event was told."""
        if not await self._rows.claim_step(event.id, follower.id):
            return None
        notice = Notice(
            case_id=event.case_id,
            follower_id=follower.id,
            state=NoticeState.WAITING,
            is_urgent=is_urgent,
            send_after=not_before,
            tried=[],
            promised={"template": words.template, "variables": dict(words.variables)},
            created_at=self._clock.now(),
        )
        await self._rows.add(notice)
        await self._rows.bind_step(event.id, follower.id, notice.id)
        return notice.id

    async def told(self, event: CaseEvent, follower: CaseFollower, case_no: str) -> None:
        """Note that somebody of staff has told the follower of that event: no notice is due."""
        if not await self._rows.claim_step(event.id, follower.id):
            return
        await self._rows.skip(event, follower, case_no, TOLD_BY_AGENT, self._clock.now())

    async def take_back(self, notice_id: int) -> bool:
        """Cancel a promise that has not gone out; ``False`` if it has."""
        notice = await self._rows.lock(notice_id, NoticeState.WAITING)
        if notice is None:
            return False
        notice.state = NoticeState.SKIPPED
        return True

    async def leave(self, case_id: int, follower_id: int | None = None) -> None:
        """Let the reporter of a case, or that follower, follow it no more."""
        followers = await self._rows.followers(case_id)
        for follower in followers:
            is_meant = follower.role == "reporter" if follower_id is None else False
            if is_meant or follower.id == follower_id:
                follower.ended_at = self._clock.now()
