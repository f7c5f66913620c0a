"""Rasa's SQL tracker store without what it asks the database again at every turn."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator
from typing import Any

from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import event, text  # type: ignore[import-untyped]  # 1.4 ships no types

_SINCE_SESSION_START = text(
    """
    select data from events
    where sender_id = :sender_id
      and timestamp >= coalesce(
        (select max(timestamp) from events
         where sender_id = :sender_id and type_name = 'session_started'), '-infinity')
    order by id
    """
)


class RememberingTrackerStore(SQLTrackerStore):  # type: ignore[misc]
    """Remembers on the tracker how many of its events are stored; new conversations are counted.

    The stock store looks for its schema before every use, makes an object of every event, and
    stores them one by one; here the schema is looked for once, and a turn's events are one insert,
    which needs no transaction around it.
    A turn does not wait for the disk: the backend keeps every message before the turn begins, and
    what a power cut could take is the last half second of the assistant's own notes.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._has_schema = False
        super().__init__(*args, **kwargs)
        event.listen(self.engine, "connect", _at_once)
        self.engine.dispose()

    @contextlib.contextmanager
    def session_scope(self) -> Iterator[Any]:
        """A session, closed at the end; the first one proves that the schema is there."""
        if not self._has_schema:
            with super().session_scope():
                self._has_schema = True
        session = self.sessionmaker()
        try:
            yield session
        finally:
            session.close()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation since its last session, as the stock store gives it."""
        with self.session_scope() as session:
            found = session.execute(_SINCE_SESSION_START, {"sender_id": sender_id})
            events = [json.loads(data) for (data,) in found]
        if not events:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        tracker.stored_events = len(tracker.events)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Appends the events that are not stored yet."""
        await self.stream_events(tracker)
        with self.session_scope() as session:
            rows = [
                _row(tracker.sender_id, new) for new in self._additional_events(session, tracker)
            ]
            if rows:
                session.execute(self.SQLEvent.__table__.insert(), rows)
        tracker.stored_events = len(tracker.events)

    def _additional_events(self, session: Any, tracker: DialogueStateTracker) -> Iterator[Any]:
        stored = getattr(tracker, "stored_events", None)
        if stored is None:
            fresh: Iterator[Any] = super()._additional_events(session, tracker)
            return fresh
        return itertools.islice(tracker.events, stored, len(tracker.events))


def _row(sender_id: str, new: Event) -> dict[str, Any]:
    """An event as the stock store keeps it."""
    data = new.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": new.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _at_once(connection: Any, record: Any) -> None:
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit to off")
