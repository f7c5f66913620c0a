"""What every action of the assistant does around its own work: listen, answer, keep the draft."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.backend_client import backend
from actions.elsewhere.keeping import keep_up_behind, left, only_answers, with_offer
from actions.errors import BackendDown
from actions.hearing import heard
from actions.help.callbacks import pass_number_on, put_aside, stay
from actions.help.danger import STILL_ANSWERED, goes_on, lasts, mourns, refuses_police
from actions.intake.draft import Draft
from actions.saying import Say, say, speak
from actions.turn import Turn


class Conversation(Action, ABC):  # type: ignore[misc]
    """A part of the assistant. Rasa picks one by the message alone; where the open question gives the
    message another meaning (actions/hearing.py), the part that takes this meaning answers instead.
    """

    takes: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def name(self) -> str:
        """Its name in the domain."""

    @abstractmethod
    async def reply(self, draft: Draft, turn: Turn) -> list[Say]:
        """What to say; moves the draft on in place.

        Raises:
            BackendDown: nothing was decided, the draft stays as it was.
        """

    def excuse(self, dispatcher: CollectingDispatcher) -> None:
        """What is said when the backend gives no answer."""
        speak(dispatcher, [say("utter_status_down")])

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """One turn."""
        draft, alone = Draft.load(tracker.get_slot("draft")), Turn.latest(tracker)
        kept, part, turn = draft.id if draft.kept else "", *self._heard(alone, draft)
        gone = await left(backend(), draft, turn)
        if gone:
            part, turn = self._heard(alone, draft)
        draft.offered = False
        try:
            sayings = [] if gone and only_answers(turn) else await answer(part, draft, turn)
        except BackendDown:
            part.excuse(dispatcher)
            return []
        keep_up_behind(backend(), kept, draft, turn)
        speak(dispatcher, [*gone, *await with_offer(backend(), sayings, draft, turn)])
        return [SlotSet("draft", draft.dump())]

    def _heard(self, alone: Turn, draft: Draft) -> tuple[Conversation, Turn]:
        """The part that answers, and the turn as it is meant here."""
        turn = heard(alone, draft)
        if refuses_police(turn):
            turn = replace(turn, intent="inform")
        return self if turn is alone else _part_for(turn.intent) or self, turn


async def answer(part: Conversation, draft: Draft, turn: Turn) -> list[Say]:
    """What the part says; while danger lasts the citizen is stayed with, and death is condoled."""
    if turn.intent == "danger":
        return await part.reply(draft, turn)
    if lasts(draft):
        if not goes_on(draft, turn):
            return await stay(backend(), draft, turn)
        if turn.intent in STILL_ANSWERED:
            return await part.reply(draft, turn)
        first = await put_aside(backend(), draft, turn)
        return [*first, *await _in_grief(part, draft, turn)]
    sayings = await _in_grief(part, draft, turn)
    await pass_number_on(backend(), draft, turn)
    return sayings


async def _in_grief(part: Conversation, draft: Draft, turn: Turn) -> list[Say]:
    """What the part says; a death that is told is condoled first, once."""
    if draft.condoled or not mourns(turn):
        return await part.reply(draft, turn)
    draft.condoled = True
    if turn.aside or not turn.requests:
        return [say("utter_condolence"), say("utter_condolence_help")]
    return [say("utter_condolence"), *await part.reply(draft, turn)]


def _part_for(intent: str) -> Conversation | None:
    kinds: list[type[Conversation]] = Conversation.__subclasses__()
    return next((kind() for kind in kinds if intent in kind.takes), None)
