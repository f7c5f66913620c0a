"""The part that lets a draft leave for another channel, or go on here."""

from __future__ import annotations

from rasa_sdk.executor import CollectingDispatcher

from actions.backend_client import backend
from actions.conversation import Conversation
from actions.elsewhere.moving import leave, take_over
from actions.elsewhere.words import LEAVE, TAKE
from actions.intake.draft import Draft
from actions.saying import Say, say, speak
from actions.turn import Turn


class ActionElsewhere(Conversation):
    """“我换微信接着说” and “接着 483920”. Rasa never picks it: it is heard (actions/hearing.py)."""

    takes = frozenset({LEAVE, TAKE})

    def name(self) -> str:
        """Its name for the action server; the domain has no need of it."""
        return "action_elsewhere"

    def excuse(self, dispatcher: CollectingDispatcher) -> None:
        """Nothing moved; the same words will do it later."""
        speak(dispatcher, [say("utter_elsewhere_down")])

    async def reply(self, draft: Draft, turn: Turn) -> list[Say]:
        """A code to leave with, or the draft that comes from elsewhere."""
        move = leave if turn.intent == LEAVE else take_over
        return await move(backend(), draft, turn)
