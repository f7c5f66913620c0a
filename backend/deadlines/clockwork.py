"""What deadlines depend on in one installation: its calendar and its own numbers."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import local_date
from backend.deadlines.calendar import WorkCalendar
from backend.deadlines.published import published_calendar
from backend.deadlines.repository import CalendarRepository
from backend.deadlines.rules import RULES, LocalRules
from backend.settings import Settings


def local_rules(settings: Settings) -> LocalRules:
    """The installation's own numbers."""
    return LocalRules(
        verification_working_days=settings.verification_working_days,
        claim_wait_days=settings.claim_wait_days,
        follow_up_working_days=settings.follow_up_working_days,
        roll_forward=settings.roll_forward,
    )


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Calendar and local numbers at one moment; the published notices where none is given."""

    local: LocalRules = field(default_factory=LocalRules)
    work: WorkCalendar = field(default_factory=published_calendar)

    @property
    def fingerprint(self) -> str:
        """Changes whenever a rule, a local number or a day of the calendar does."""
        said = (RULES, self.local, sorted(self.work.exceptions.items()), sorted(self.work.noticed))
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


async def load_clockwork(session: AsyncSession, settings: Settings, now: datetime) -> Clockwork:
    """The clockwork as the table has it now."""
    work = await CalendarRepository(session).around(local_date(now))
    return Clockwork(local_rules(settings), work)
