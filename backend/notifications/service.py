"""What staff see of notices, and what citizens want of them."""

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.work import StaffDesk
from backend.core.errors import ForbiddenError
from backend.core.resources import Resources
from backend.notifications.models import Preference
from backend.notifications.previewing import Previewer
from backend.notifications.repository import NoticeRepository
from backend.notifications.schemas import (
    DispatchLog,
    DispatchOut,
    PreferenceIn,
    PreferenceOut,
    Preview,
)
from backend.staff.rules import StaffMember, may


class NoticeDesk:
    """A member of staff's view of a case's notices."""

    def __init__(self, session: AsyncSession, resources: Resources, staff: StaffMember) -> None:
        self._desk = StaffDesk(session, resources, staff)
        self._rows = NoticeRepository(session)
        self._staff = staff
        self._previewer = Previewer(session, resources)

    async def log(self, case_no: str) -> DispatchLog:
        """Every attempt to tell somebody of this case, newest first."""
        case = await self._desk.find(case_no)
        lines = await self._rows.log(case.id)
        items = [
            DispatchOut.model_validate(
                {
                    name: getattr(line, name)
                    for name in DispatchOut.model_fields
                    if name != "follower"
                }
                | {"follower": follower.role}
            )
            for line, follower in lines
        ]
        return DispatchLog(items=items)

    async def preview(self, case_no: str, event: str, note: str | None) -> Preview:
        """What each follower would read of an event that was (a number) or may come (a name).

        Raises:
            EventUnknownError: the case has no such event, and no step has that name.
        """
        if not may(self._staff, "work_on_case"):
            raise ForbiddenError
        case = await self._desk.find(case_no)
        audience = await self._previewer.audience(case)
        return await self._previewer.preview(case, event, note, audience)


class PreferenceService:
    """What a conversation's citizen wants, within one request."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._rows = NoticeRepository(session)
        self._clock = resources.clock

    async def put(self, wish: PreferenceIn) -> PreferenceOut:
        """Keep the wish, with the moment and the channel it came by."""
        row = Preference(
            conversation_id=wish.conversation_id,
            muted=sorted(set(wish.muted)),
            preferred=wish.preferred,
            source=wish.channel,
            updated_at=self._clock.now(),
        )
        await self._rows.prefer(row)
        return PreferenceOut(muted=row.muted, preferred=row.preferred, updated_at=row.updated_at)

    async def read(self, conversation_id: str) -> PreferenceOut:
        """What is kept; nothing muted where nobody has said anything."""
        row = await self._rows.preference(conversation_id)
        if row is None:
            return PreferenceOut(muted=[], preferred=None, updated_at=None)
        return PreferenceOut(muted=row.muted, preferred=row.preferred, updated_at=row.updated_at)
