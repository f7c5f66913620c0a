"""Rasa's SQL tracker store without what it asks the database again at every turn."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator
from typing import Any

from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import event, text  # type: ignore[import-untyped]  # 1.4 ships no types
from sqlalchemy.exc import DBAPIError  # type: ignore[import-untyped]

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
        try:
            events = self._since_session_start(sender_id)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            # the server was started anew since this connection was used
            events = self._since_session_start(sender_id)
        if not events:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        tracker.stored_events = len(tracker.events)
        return tracker

    def _since_session_start(self, sender_id: str) -> list[dict[str, Any]]:
        with self.session_scope() as session:
            found = session.execute(_SINCE_SESSION_START, {"sender_id": sender_id})
            return [json.loads(data) for (data,) in found]

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


def install() -> None:
    """A turn whose notes cannot be read or kept fails, and is worked again when they can be.

    Rasa 3.6.21 goes on with an empty memory instead: the citizen's “是” would answer nothing.
    """
    FailSafeTrackerStore.retrieve = _retrieve
    FailSafeTrackerStore.save = _save


async def _retrieve(store: FailSafeTrackerStore, sender_id: str) -> DialogueStateTracker | None:
    return await store._tracker_store.retrieve(sender_id)


async def _save(store: FailSafeTrackerStore, tracker: DialogueStateTracker) -> None:
    await store._tracker_store.save(tracker)
