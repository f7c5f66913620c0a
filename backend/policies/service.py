"""Policies: import, search, and what became of them in a case."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.events import staff_event
from backend.cases.models import Case
from backend.cases.repository import CaseRepository
from backend.cases.work import CaseDesk
from backend.core.clock import local_date
from backend.core.errors import ForbiddenError
from backend.core.privacy import mask_text
from backend.core.resources import Resources
from backend.policies import table
from backend.policies.errors import PolicyNotFoundError
from backend.policies.models import CasePolicy, Policy
from backend.policies.repository import PolicyRepository
from backend.policies.rules import LIKELY, fit, may_tell
from backend.policies.schemas import (
    OUTCOME_LABELS,
    Imported,
    PolicyCheckIn,
    PolicyCheckOut,
    PolicyChecks,
    PolicyList,
    PolicyMatch,
    PolicyMatches,
    PolicyOut,
)
from backend.staff.rules import Caller, StaffMember, may, sees_identity


class PolicyService:
    """Policies within one request."""

    def __init__(self, session: AsyncSession, resources: Resources) -> None:
        self._rows = PolicyRepository(session)
        self._session = session
        self._resources = resources

    async def listed(self) -> PolicyList:
        """All policies in force."""
        rows = await self._rows.in_force(local_date(self._resources.clock.now()))
        return PolicyList(items=[_out(row) for row in rows])

    async def search(
        self,
        text: str,
        *,
        type_: str | None = None,
        groups: Sequence[str] = (),
        limit: int = 5,
        sure: bool = False,
    ) -> PolicyMatches:
        """Policies that may solve what the text asks for, best first; none if none is likely.

        ``sure``: only the one that a citizen may be told of, if there is one.
        """
        rows = await self._rows.in_force(local_date(self._resources.clock.now()))
        fits = [(fit(row, text, type_, groups), row) for row in rows]
        likely = [(found, row) for found, row in fits if found.score >= LIKELY]
        likely.sort(key=lambda pair: (-pair[0].score, pair[1].code))
        if sure:
            next_best = likely[1][0] if len(likely) > 1 else None
            tell = likely and may_tell(likely[0][1], text, type_, likely[0][0], next_best)
            likely = likely[:1] if tell else []
        return PolicyMatches(
            items=[
                PolicyMatch(**_out(row).model_dump(), score=found.score, why=list(found.why))
                for found, row in likely[:limit]
            ]
        )

    async def of_case(self, case: Case, limit: int = 5) -> PolicyMatches:
        """Policies that may solve a case."""
        return await self.search(
            f"{case.summary}{case.description}", type_=case.type, groups=case.groups, limit=limit
        )

    async def load(self, content: bytes, *, replace: bool = False) -> Imported:
        """Import a table: new codes are added, known ones changed.

        Real policies retire the samples; ``replace`` retires everything the table lacks.

        Raises:
            PolicyTableError: nothing was imported.
        """
        rows = table.read(content)
        known = await self._rows.all_by_code()
        now, added, changed = self._resources.clock.now(), 0, 0
        for row in rows:
            values = asdict(row) | {"active": True, "imported_at": now}
            policy = known.get(row.code)
            if policy is None:
                await self._rows.add(Policy(**values))
                added += 1
                continue
            changed += any(getattr(policy, name) != value for name, value in asdict(row).items())
            for name, value in values.items():
                setattr(policy, name, value)
        await self._session.flush()
        has_real = any(not row.sample for row in rows)
        retired = 0
        if replace or has_real:
            codes = [row.code for row in rows]
            retired = await self._rows.retire(codes, samples_only=not replace)
        return Imported(added=added, changed=changed, retired=retired)


class CasePolicies:
    """What became of policies in the cases a caller may see."""

    def __init__(self, session: AsyncSession, resources: Resources, caller: Caller) -> None:
        self._rows = PolicyRepository(session)
        self._cases = CaseRepository(session)
        self._desk = CaseDesk(session, resources, caller)
        self._caller = caller
        self._resources = resources

    async def listed(self, case_no: str) -> PolicyChecks:
        """All records of a case; notes are for who may see people."""
        case = await self._desk.find(case_no)
        checks = [_check(*row) for row in await self._rows.checks(case.id)]
        if not sees_identity(self._caller):
            checks = [check.model_copy(update={"note": None}) for check in checks]
        return PolicyChecks(items=checks)

    async def record(self, case_no: str, new: PolicyCheckIn, staff: StaffMember) -> PolicyChecks:
        """Write down what became of a policy; the office's timeline shows it.

        Raises:
            PolicyNotFoundError: no policy of that code. CaseNotFoundError: not this caller's case.
        """
        if not may(staff, "work_on_case"):
            raise ForbiddenError
        case = await self._desk.find(case_no, lock=True)
        policy = await self._rows.by_code(new.policy)
        if policy is None:
            raise PolicyNotFoundError
        now, note = self._resources.clock.now(), mask_text(new.note) if new.note else None
        await self._rows.add(
            CasePolicy(
                case_id=case.id,
                policy_id=policy.id,
                outcome=new.outcome,
                note=note,
                staff=staff.username,
                at=now,
            )
        )
        case.updated_at = now
        label = f"{OUTCOME_LABELS[new.outcome]}：{policy.title}"
        await self._cases.add(
            staff_event(
                case,
                "policy_check",
                staff,
                now,
                note=f"{label}。{note}" if note else label,
                data={"policy": policy.code, "outcome": new.outcome},
            )
        )
        return await self.listed(case_no)


def _out(policy: Policy) -> PolicyOut:
    return PolicyOut.model_validate(policy, from_attributes=True)


def _check(check: CasePolicy, policy: Policy) -> PolicyCheckOut:
    return PolicyCheckOut.model_validate(
        {
            "policy": policy.code,
            "title": policy.title,
            "department": policy.department,
            "sample": policy.sample,
            "outcome": check.outcome,
            "outcome_label": OUTCOME_LABELS[check.outcome],  # type: ignore[index]
            "note": check.note,
            "staff": check.staff,
            "at": check.at,
        }
    )
