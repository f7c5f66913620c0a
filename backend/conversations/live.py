"""Waking open pages: one LISTEN connection per process, one event per open page."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import psycopg
import structlog

from backend.conversations.outbound import NOTIFY_CHANNEL

_RECONNECT_S = 1.0
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class LiveUpdates:
    """Who waits for news of which conversation.

    A lost database connection is made anew, and every page looks once for what it missed.
    """

    url: str = field(repr=False)
    waiting: dict[str, set[asyncio.Event]] = field(default_factory=lambda: defaultdict(set))
    callbacks: int = 0
    is_late: bool = False
    """Whether the last callback that was held for a new answer was held in vain."""

    @contextlib.contextmanager
    def subscribe(self, conversation_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever that conversation may have news."""
        event = asyncio.Event()
        self.waiting[conversation_id].add(event)
        try:
            yield event
        finally:
            self.waiting[conversation_id].discard(event)
            if not self.waiting[conversation_id]:
                del self.waiting[conversation_id]

    @contextlib.contextmanager
    def waiting_callback(self) -> Iterator[int]:
        """Count a platform's callback that is held for its answer: how many there are with it."""
        self.callbacks += 1
        try:
            yield self.callbacks
        finally:
            self.callbacks -= 1

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["LiveUpdates"]:
        """Listen while the block runs."""
        task = asyncio.create_task(self._listen_forever(), name="live-updates")
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _listen_forever(self) -> None:
        while True:
            try:
                await self._listen()
            except psycopg.Error as error:
                log.warning("live_updates_lost", cause=type(error).__name__)
            await asyncio.sleep(_RECONNECT_S)

    async def _listen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(self.url, autocommit=True)
        async with connection:
            await connection.execute(f"listen {NOTIFY_CHANNEL}")
            self._wake_all()
            async for notice in connection.notifies():
                self._wake(notice.payload)

    def _wake(self, conversation_id: str) -> None:
        for event in self.waiting.get(conversation_id, ()):
            event.set()

    def _wake_all(self) -> None:
        for events in self.waiting.values():
            for event in events:
                event.set()
