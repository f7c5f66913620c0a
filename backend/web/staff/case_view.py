"""A case as its page, its print and its archive show it to one member of staff."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.handling import CaseHandling
from backend.cases.publishing import Publishing
from backend.cases.schemas import CaseDetail, ContactOut, EventOut
from backend.conversations.case_images import CaseImage, CaseImages
from backend.core.resources import Resources
from backend.notifications.schemas import DispatchOut
from backend.notifications.service import NoticeDesk
from backend.policies.schemas import PolicyCheckOut
from backend.policies.service import CasePolicies
from backend.publicity.offers import OfferDesk
from backend.publicity.schemas import OfferOut
from backend.web.staff.session import Visit


@dataclass(frozen=True, slots=True)
class CaseView:
    """The case and what happened to it; people's names are in ``names`` by user name."""

    case: CaseDetail
    events: list[EventOut]
    names: dict[str, str]
    checks: list[PolicyCheckOut]
    notices: list[DispatchOut]
    images: list[CaseImage]
    offers: list[OfferOut]
    public_number: int | None = None
    contact: ContactOut | None = None


async def gather(
    session: AsyncSession,
    resources: Resources,
    visit: Visit,
    case_no: str,
    *,
    contact: ContactOut | None = None,
) -> CaseView:
    """The case; ``CaseNotFoundError`` outside the scope."""
    desk = CaseHandling(session, resources, visit.staff)
    case = await desk.open(case_no)
    events = (await desk.events(case_no)).items
    people = {case.assignee, case.first_receiver, *(event.data.get("to") for event in events)}
    checks = await CasePolicies(session, resources, visit.staff).listed(case_no)
    notices = await NoticeDesk(session, resources, visit.staff).log(case_no)
    published = await Publishing(session).of_no(case.case_no)
    offers = OfferDesk(session, resources, visit.staff)
    return CaseView(
        case=case,
        events=events,
        names=await desk.display_names([name for name in people if name]),
        checks=checks.items,
        notices=notices.items,
        images=await CaseImages(session, resources, visit.staff).listed(case_no),
        offers=await offers.listed(case_no, revealed=contact is not None),
        public_number=published.id if published and published.section else None,
        contact=contact,
    )
