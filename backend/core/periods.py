"""Work that is done once per period, however many workers and retries there are."""

from datetime import datetime

from sqlalchemy import PrimaryKeyConstraint, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.models import Base


class JobPeriod(Base):
    """A job has done its work for a period."""

    __tablename__ = "job_period"
    __table_args__ = (PrimaryKeyConstraint("job", "period"),)

    job: Mapped[str]
    period: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


async def claim(session: AsyncSession, job: str, period: str, now: datetime) -> bool:
    """Take a period in this transaction; ``False`` if it was done. Waits for a parallel claim."""
    new = insert(JobPeriod).values(job=job, period=period, at=now).on_conflict_do_nothing()
    return await session.scalar(new.returning(JobPeriod.job)) is not None


async def is_done(session: AsyncSession, job: str, period: str) -> bool:
    """Whether a period was taken."""
    found = select(JobPeriod.job).where(JobPeriod.job == job, JobPeriod.period == period)
    return await session.scalar(found) is not None
