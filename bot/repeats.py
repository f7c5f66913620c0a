"""A message that is sent again: what was answered to it, if the turn had been worked to its end.

The backend sends a message again when it does not know whether the first try arrived (its worker was
killed, the line broke). The tracker keeps each message's id, so the turn need not be worked twice: a
second “是” would answer a question that was not asked any more, and hide the case's number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rasa.core.agent import Agent
from rasa.shared.core.events import BotUttered, Event, UserUttered


async def told_before(agent: Agent, sender_id: str, message_id: str) -> list[dict[str, Any]]:
    """The messages of that turn as an output channel collects them; empty if there was none.

    Waits for a turn of this conversation that is still being worked.
    """
    async with agent.lock_store.lock(sender_id):
        tracker = await agent.tracker_store.retrieve(sender_id)
    return said_after(tracker.events if tracker is not None else (), message_id)


def said_after(events: Iterable[Event], message_id: str) -> list[dict[str, Any]]:
    """What was said between the last message with that id and the next message."""
    said: list[dict[str, Any]] = []
    is_that_turn = False
    for event in events:
        if isinstance(event, UserUttered):
            is_that_turn = event.message_id == message_id
            said = [] if is_that_turn else said
        elif isinstance(event, BotUttered) and is_that_turn:
            said.append(_collected(event))
    return said


def _collected(event: BotUttered) -> dict[str, Any]:
    known = {"text": (event.text or "").strip(), **(event.data or {})}
    return {name: value for name, value in known.items() if value}
