"""Notices as the worker makes them: what a step plans, what goes out, what the log says."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select, update

from backend.cases.models import CaseEvent
from backend.conversations.models import DeliveryState, OutboundMessage
from backend.conversations.repository import ConversationRepository
from backend.core.clock import FixedClock
from backend.core.resources import Resources
from backend.notifications.dispatching import chase, dispatch_due
from backend.notifications.models import Dispatch
from backend.notifications.planning import plan
from tests.support.api import filed

HOUR = timedelta(hours=1)


@dataclass
class Office:
    """Runs what the worker runs."""

    resources: Resources
    clock: FixedClock

    async def plan(self) -> int:
        """Plan every public event, as their jobs would."""
        async with self.resources.database.transaction() as session:
            ids = (await session.scalars(select(CaseEvent.id).order_by(CaseEvent.id))).all()
        return sum([await plan(self.resources, event_id) for event_id in ids])

    async def work(self, after: timedelta = HOUR) -> int:
        """Plan, let time pass, send."""
        await self.plan()
        self.clock.at += after
        await chase(self.resources)
        return await dispatch_due(self.resources)

    async def messages(self) -> list[tuple[str, str]]:
        """What lies ready to go out: channel and text, oldest first."""
        async with self.resources.database.transaction() as session:
            repository = ConversationRepository(session, self.resources.vault)
            rows = await session.scalars(select(OutboundMessage).order_by(OutboundMessage.id))
            found = []
            for row in rows.all():
                conversation = await repository.find(row.conversation_id)
                assert conversation is not None
                found.append((conversation.channel, repository.read_outbound(row).text))
        return found

    async def becomes(self, state: DeliveryState, failure: str | None = None) -> None:
        """The provider's word on everything that is open."""
        async with self.resources.database.transaction() as session:
            await session.execute(
                update(OutboundMessage)
                .where(OutboundMessage.state.in_(["queued", "sent"]))
                .values(state=state, failure=failure)
            )

    async def log(self) -> list[tuple[str | None, str, str | None]]:
        """Channel, outcome and reason of every line, oldest first."""
        async with self.resources.database.transaction() as session:
            lines = await session.scalars(select(Dispatch).order_by(Dispatch.id))
            return [(line.channel, line.outcome, line.reason) for line in lines]


@pytest.fixture
def office(api_resources: Resources, clock: FixedClock) -> Office:
    """The worker's hands."""
    return Office(api_resources, clock)


@pytest_asyncio.fixture(loop_scope="function")
async def page(api_resources: Resources, clock: FixedClock) -> AsyncIterator[str]:
    """The conversation of a citizen on the chat page."""
    async with api_resources.database.transaction() as session:
        repository = ConversationRepository(session, api_resources.vault)
        row = await repository.open_locked("webchat", "token-of-a-page", clock.now())
    yield str(row.id)


@pytest_asyncio.fixture(loop_scope="function")
async def case(
    service: httpx.AsyncClient, new_case: Callable[..., dict[str, Any]], page: str
) -> dict[str, Any]:
    """A street light, reported on the chat page with a phone."""
    return await filed(service, new_case(conversation_id=page))
