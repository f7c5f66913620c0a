"""Limited tries, counted in the database so that a restart forgives nobody."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Identity, Index, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.errors import TooManyTriesError
from backend.core.models import Base


class FailedTry(Base):
    """One refused try; ``subject`` is a keyed hash, never the value itself."""

    __tablename__ = "failed_try"
    __table_args__ = (Index(None, "scope", "subject", "at"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    scope: Mapped[str]
    subject: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


class Throttle:
    """At most ``tries`` failures of a subject within a sliding window."""

    def __init__(self, scope: str, tries: int, window_s: int) -> None:
        self.scope = scope
        self.tries = tries
        self.window_s = window_s

    async def check(self, session: AsyncSession, subject: str, now: datetime) -> None:
        """Raise ``TooManyTriesError`` when the tries are used up.

        Holds an advisory lock until the transaction ends, so parallel guesses count one by one.
        """
        await session.execute(
            text("select pg_advisory_xact_lock(hashtextextended(:subject, 0))"),
            {"subject": f"{self.scope}:{subject}"},
        )
        since = now - timedelta(seconds=self.window_s)
        count, first = (
            await session.execute(
                select(func.count(), func.min(FailedTry.at)).where(
                    FailedTry.scope == self.scope,
                    FailedTry.subject == subject,
                    FailedTry.at > since,
                )
            )
        ).one()
        if count >= self.tries:
            raise TooManyTriesError(max(1, int((first - since).total_seconds())))

    async def record(self, session: AsyncSession, subject: str, now: datetime) -> None:
        """Count one failure."""
        session.add(FailedTry(scope=self.scope, subject=subject, at=now))
        await session.flush()


@dataclass(frozen=True, slots=True)
class Limits:
    """Throttles that count the same tries, each by a subject of its own."""

    throttles: tuple[tuple[Throttle, str], ...]

    async def check(self, session: AsyncSession, now: datetime) -> None:
        """Raise ``TooManyTriesError`` when the tries of any are used up."""
        for throttle, subject in self.throttles:
            await throttle.check(session, subject, now)

    async def record(self, session: AsyncSession, now: datetime) -> None:
        """Count one failure with all of them."""
        for throttle, subject in self.throttles:
            await throttle.record(session, subject, now)
