"""Rasa's SQL tracker store without the count of what it has loaded itself a moment before."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import event  # type: ignore[import-untyped]  # 1.4 ships no types


class RememberingTrackerStore(SQLTrackerStore):  # type: ignore[misc]
    """Remembers on the tracker how many of its events are stored; new conversations are counted.

    A turn does not wait for the disk: the backend keeps every message before the turn begins, and
    what a power cut could take is the last half second of the assistant's own notes.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        event.listen(self.engine, "connect", _without_waiting_for_the_disk)
        self.engine.dispose()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation since its last session, as the stock store gives it."""
        tracker = await super().retrieve(sender_id)
        if tracker is not None:
            tracker.stored_events = len(tracker.events)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Appends the events that are not stored yet."""
        await super().save(tracker)
        tracker.stored_events = len(tracker.events)

    def _additional_events(self, session: Any, tracker: DialogueStateTracker) -> Iterator[Any]:
        stored = getattr(tracker, "stored_events", None)
        if stored is None:
            fresh: Iterator[Any] = super()._additional_events(session, tracker)
            return fresh
        return itertools.islice(tracker.events, stored, len(tracker.events))


def _without_waiting_for_the_disk(connection: Any, record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit to off")
    connection.commit()
