"""Queries on policies."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.policies.models import CasePolicy, Policy


class PolicyRepository:
    """Policies of one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def in_force(self, today: date) -> Sequence[Policy]:
        """Policies that apply on a day, by code."""
        statement = select(Policy).where(
            Policy.active,
            or_(Policy.valid_from.is_(None), Policy.valid_from <= today),
            or_(Policy.valid_to.is_(None), Policy.valid_to >= today),
        )
        return (await self._session.scalars(statement.order_by(Policy.code))).all()

    async def by_code(self, code: str) -> Policy | None:
        """A policy, in force or not."""
        return await self._session.scalar(select(Policy).where(Policy.code == code))

    async def all_by_code(self) -> dict[str, Policy]:
        """Every policy there ever was."""
        return {policy.code: policy for policy in await self._session.scalars(select(Policy))}

    async def add(self, row: Policy | CasePolicy) -> None:
        """Store a new row."""
        self._session.add(row)
        await self._session.flush()

    async def retire(self, keep: Sequence[str], *, samples_only: bool) -> int:
        """End all active policies but the named ones; how many."""
        statement = update(Policy).where(Policy.active, Policy.code.not_in(keep))
        if samples_only:
            statement = statement.where(Policy.sample)
        rows = await self._session.execute(statement.values(active=False).returning(Policy.id))
        return len(rows.all())

    async def checks(self, case_id: int) -> list[tuple[CasePolicy, Policy]]:
        """What became of policies in a case, oldest first."""
        statement = (
            select(CasePolicy, Policy)
            .join(Policy, Policy.id == CasePolicy.policy_id)
            .where(CasePolicy.case_id == case_id)
            .order_by(CasePolicy.id)
        )
        return [(row[0], row[1]) for row in await self._session.execute(statement)]
