"""What filing a card would mean: deadline, texts, the caller's and similar cases, policies."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case
from backend.cases.repository import CaseRepository
from backend.cases.rules import ENDED, FINISHED, Status
from backend.cases.schemas import DueOut, SimilarCase
from backend.cases.similarity import LIKELY, similarity
from backend.cases.steps import deadline, local_rules, set_due
from backend.cases.views import CaseViews, due_out, similar_case
from backend.cases.wording import status_label
from backend.core.privacy import normalise_phone
from backend.core.resources import Resources
from backend.desk import texts
from backend.desk.errors import FormRefusedError
from backend.desk.forms import resolve_place, to_case
from backend.desk.repository import DeskRepository
from backend.desk.schemas import CardInput, KnownCase, Preview
from backend.places.service import gazetteer
from backend.policies.service import PolicyService
from backend.staff.rules import StaffMember, joinable_cases
from backend.taxonomy.schemas import Leaf
from backend.taxonomy.service import taxonomy

_SIMILAR_SHOWN = 3
_POLICIES_SHOWN = 3
_MIN_PHONE_DIGITS = 7
JOINABLE = "weishishi"
"""Only matters that are everybody's are shown to other callers' agents; a wish is somebody's."""


def first_due(
    leaf: Leaf, external_due: datetime | None, now: datetime, local: Any
) -> DueOut | None:
    """The deadline a case would start with: the nearer of ours and the hotline's."""
    draft = Case(
        category=leaf.category,
        group=leaf.group,
        status=Status.RECEIVED,
        created_at=now,
        external_due_at=external_due,
    )
    set_due(draft, deadline(draft, Status.RECEIVED, Status.RECEIVED, now, local))
    return due_out(draft)


class Previewer:
    """Looks ahead within one request."""

    def __init__(self, session: AsyncSession, resources: Resources, staff: StaffMember) -> None:
        self._desk = DeskRepository(session)
        self._cases = CaseRepository(session)
        self._policies = PolicyService(session, resources)
        self._resources = resources
        self._staff = staff

    async def of(self, given: CardInput) -> Preview:
        """Everything the panel beside a card shows."""
        leaf, place = taxonomy().leaf(given.type), _place(given)
        gaps = texts.missing(given, leaf, place)
        due = self._due(given, leaf) if leaf else None
        return Preview(
            question=texts.question(gaps),
            missing=gaps,
            due=due,
            reply=texts.reply(given, leaf, place, due, None) if leaf else "",
            sms=self.sms(given, leaf, place, due, None) if leaf else None,
            caller_cases=await self._caller_cases(given.contact_phone),
            similar=await self.similar(given, place),
            policies=await self._likely_policies(given),
        )

    def sms(
        self,
        given: CardInput,
        leaf: Leaf,
        place: tuple[str | None, str | None],
        due: DueOut | None,
        case_no: str | None,
    ) -> str | None:
        """The caller's message, if the number takes messages."""
        if not texts.can_text(given.contact_phone):
            return None
        return texts.as_read(texts.sms(leaf, place, due, case_no))

    async def similar(
        self, given: CardInput, place: tuple[str | None, str | None]
    ) -> tuple[SimilarCase, ...]:
        """Open matters near by that may be the same, without anybody's identity."""
        leaf = taxonomy().leaf(given.type)
        if leaf is None or leaf.category != JOINABLE or place[1] is None:
            return ()
        ended = [status.value for status in ENDED | FINISHED]
        scope = joinable_cases(self._staff)
        told = f"{given.summary}{given.description}{given.address}"
        rows = await self._cases.alike(given.type, place[1], ended, scope)
        scored = [
            (similarity(told, f"{row.summary}{row.description}{row.address or ''}"), row)
            for row in rows
        ]
        best = sorted(scored, key=lambda pair: (-pair[0], -pair[1].id))[:_SIMILAR_SHOWN]
        likely = [(score, row) for score, row in best if score >= LIKELY]
        counts = await self._cases.supporters([row.id for _, row in likely])
        views = CaseViews(self._cases, self._resources.vault, identity=False)
        nameless = [(await views.one(row)).summary for _, row in likely]
        return tuple(
            similar_case(row, score, counts.get(row.id, 0)).model_copy(update={"summary": summary})
            for (score, row), summary in zip(likely, nameless, strict=True)
        )

    async def _caller_cases(self, phone: str) -> tuple[KnownCase, ...]:
        digits = normalise_phone(phone)
        if len(digits) < _MIN_PHONE_DIGITS:
            return ()
        hashed = self._resources.vault.keyed_hash("phone", digits)
        ended = [status.value for status in ENDED]
        return tuple(_known(row) for row in await self._desk.cases_of_phone(hashed, ended))

    async def _likely_policies(self, given: CardInput) -> tuple[tuple[str, str, str, bool], ...]:
        if not given.description:
            return ()
        found = await self._policies.search(
            given.description, type_=given.type or None, groups=given.groups, limit=_POLICIES_SHOWN
        )
        return tuple((hit.title, hit.department, hit.conditions, hit.sample) for hit in found.items)

    def _due(self, given: CardInput, leaf: Leaf) -> DueOut | None:
        try:
            external = to_case(given).external_due
        except FormRefusedError:
            external = None
        local = local_rules(self._resources.settings)
        return first_due(leaf, external, self._resources.clock.now(), local)


def _place(given: CardInput) -> tuple[str | None, str | None]:
    try:
        return resolve_place(given.place)
    except FormRefusedError:
        return None, None


def _known(case: Case) -> KnownCase:
    return KnownCase(
        case_no=case.case_no,
        type_label=taxonomy().label(case.type),
        status_label=status_label(case.status),
        place=gazetteer().full_name(case.town, case.village),
        created_at=case.created_at,
        due=due_out(case),
    )
