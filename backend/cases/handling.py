"""Around a case's steps: who works on it, more time, urging."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.clocks import ClockRepository, Clocks
from backend.cases.errors import NotNowError
from backend.cases.events import staff_event
from backend.cases.models import Case, ClockChange
from backend.cases.schemas import CaseDetail
from backend.cases.wording import phrase
from backend.cases.work import StaffDesk
from backend.core.errors import ForbiddenError
from backend.core.privacy import mask_text
from backend.core.resources import Resources
from backend.deadlines.clockwork import load_clockwork
from backend.staff.models import StaffAccount
from backend.staff.repository import StaffRepository
from backend.staff.rules import StaffMember, may

MOST_EXTENSION_DAYS = 30


class CaseHandling(StaffDesk):
    """What a member of staff arranges around a case, within one request.

    Every method takes the version that was read and raises ``CaseChangedError`` if it is older
    than the case, ``NotNowError`` where the case's state does not allow it.
    """

    def __init__(self, session: AsyncSession, resources: Resources, staff: StaffMember) -> None:
        super().__init__(session, resources, staff)
        self._accounts = StaffRepository(session)

    async def colleagues(self, case: CaseDetail) -> list[StaffAccount]:
        """Who may be given the case."""
        found = list(await self._accounts.colleagues(case.town, case.village))
        if all(account.id != self._staff.id for account in found):
            found.append(await self._accounts.by_id(self._staff.id))
        return found

    async def display_names(self, usernames: list[str]) -> dict[str, str]:
        """What accounts are called on pages."""
        return await self._accounts.names(usernames)

    async def assign(self, case_no: str, to: str | None, version: int | None = None) -> None:
        """Give the case to somebody who may see it; None gives it back to the place."""
        self._actor()
        case = await self._changeable(case_no, version)
        self._must_be_open(case)
        if to is not None:
            detail = await self.detail(case)
            if all(account.username != to for account in await self.colleagues(detail)):
                raise NotNowError("这位同事看不到这件诉求，不能指派给他")
        case.assignee = to
        await self._happened(case, "assigned", data={"to": to})

    async def ask_extension(
        self, case_no: str, days: int, reason: str, version: int | None = None
    ) -> None:
        """Ask for more days before the present deadline; the town or the city decides."""
        self._actor()
        case = await self._changeable(case_no, version)
        self._must_be_open(case)
        if case.due_at is None:
            raise NotNowError("这件诉求现在没有期限，不需要延期")
        if case.extension_days is not None:
            raise NotNowError("已经有一个延期申请在等审批")
        if not 1 <= days <= MOST_EXTENSION_DAYS:
            raise NotNowError(f"延期天数要在 1 到 {MOST_EXTENSION_DAYS} 天之间")
        case.extension_days = days
        await self._happened(case, "extension_asked", note=mask_text(reason), data={"days": days})

    async def decide_extension(
        self, case_no: str, *, grant: bool, note: str | None, version: int | None = None
    ) -> None:
        """Grant or refuse the extension; the reporter hears of a new deadline."""
        if not may(self._staff, "decide_extension"):
            raise ForbiddenError
        case = await self._changeable(case_no, version)
        days = case.extension_days
        if days is None or case.due_at is None:
            raise NotNowError("没有等待审批的延期申请")
        case.extension_days = None
        if grant:
            await self._extend(case, days, note)
        await self._happened(
            case,
            "extension_granted" if grant else "extension_refused",
            note=note and mask_text(note),
            data={"days": days},
            audience="public" if grant else "staff",
        )

    async def _extend(self, case: Case, days: int, note: str | None) -> None:
        """The days count in the clock's own unit and survive every later recomputation."""
        now = self._resources.clock.now()
        if case.due_event is None or case.due_started_at is None:
            raise NotNowError("这件诉求现在没有本项目的期限，不能延期")
        change = ClockChange(
            case_id=case.id,
            event=case.due_event,
            started_at=case.due_started_at,
            kind="extension",
            at=now,
            days=days,
            reason=note or phrase("extension_local"),
            approver=self._staff.username,
        )
        await ClockRepository(self._session).add(change)
        clockwork = await load_clockwork(self._session, self._resources.settings, now)
        await Clocks(self._session, clockwork).apply(case)
        case.due_local = phrase("extension_local")

    async def urge(self, case_no: str, reason: str, version: int | None = None) -> None:
        """Put an urging (督办) on record; it stays marked until the case moves."""
        if not may(self._staff, "urge"):
            raise ForbiddenError
        case = await self._changeable(case_no, version)
        self._must_be_open(case)
        case.urged_at = self._resources.clock.now()
        await self._happened(case, "urged", note=mask_text(reason), data={"of": case.holder})

    def _must_be_open(self, case: Case) -> None:
        if case.holder == "nobody":
            raise NotNowError("这件诉求已经结束")

    async def _happened(
        self,
        case: Case,
        kind: str,
        *,
        note: str | None = None,
        data: dict[str, Any] | None = None,
        audience: str = "staff",
    ) -> None:
        case.updated_at = self._resources.clock.now()
        await self._rows.add(
            staff_event(
                case, kind, self._staff, case.updated_at, note=note, audience=audience, data=data
            )
        )
