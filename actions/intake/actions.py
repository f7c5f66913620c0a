"""The action behind every message that tells, answers, corrects or confirms."""

from __future__ import annotations

from rasa_sdk.executor import CollectingDispatcher

from actions.backend_client import backend
from actions.conversation import Conversation
from actions.errors import BackendRefused
from actions.feedback.adding import add_to_case
from actions.help.callbacks import take_phone
from actions.intake.advance import advance
from actions.intake.draft import Draft
from actions.intake.filing import file_items
from actions.intake.policies import policy_hint
from actions.intake.step import Step
from actions.saying import Say, say, speak_later
from actions.tracking.status import answer_status, waits_for_proof
from actions.turn import Turn


class ActionIntake(Conversation):
    """Takes in what was said; asks, reads back or files. A failing backend leaves the draft as it was."""

    takes = frozenset({"report", "inform", "correct", "affirm", "deny", "skip", "cancel"})

    def name(self) -> str:
        """Its name in the domain."""
        return "action_intake"

    def excuse(self, dispatcher: CollectingDispatcher) -> None:
        """Nothing is filed yet; the same turn will be sent again."""
        speak_later(dispatcher)

    async def reply(self, draft: Draft, turn: Turn) -> list[Say]:
        """One step of the intake, or what an earlier question of another part was answered with."""
        if draft.asked == "callback_phone" and turn.any_phone and not turn.brings_ours:
            return await take_phone(backend(), draft, turn)
        if waits_for_proof(draft, turn):
            return await answer_status(backend(), draft, turn)
        if not draft.items and (turn.intent == "supplement" or _belongs_to_filed(draft, turn)):
            return await add_to_case(backend(), draft, turn)
        step = advance(draft, turn)
        if step.file or step.refer:
            return await _file(draft, turn, step)
        if step.elsewhere:
            hint = await policy_hint(backend(), step.elsewhere)
            return [*step.sayings[:-1], *hint, *step.sayings[-1:]]
        return step.sayings


def _belongs_to_filed(draft: Draft, turn: Turn) -> bool:
    """A number, a name or a place told after filing is for the case just filed: it is kept there."""
    if draft.asked is not None or not draft.filed:
        return False
    return turn.facts_told and turn.intent in ("inform", "correct") and not turn.brings_ours


async def _file(draft: Draft, turn: Turn, step: Step) -> list[Say]:
    """Files what is confirmed; a matter that belongs elsewhere is offered to be handed on after it."""
    items = draft.in_scope if step.file else [i for i in draft.items if not i.in_scope]
    try:
        sayings = await file_items(backend(), draft, turn, items)
    except BackendRefused:
        draft.asked = "correction"
        return [say("utter_refused")]
    rest = [item for item in draft.items if not item.in_scope] if step.file else []
    sayings += await policy_hint(backend(), items)
    draft.close()
    if rest:
        draft.open(turn)
        draft.items, draft.asked = rest, "referral"
        return [*sayings, say("utter_ask_referral")]
    return [*sayings, say("utter_how_to_follow")]
