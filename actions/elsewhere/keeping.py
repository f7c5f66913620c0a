"""Around every turn: an open draft is kept in the backend, so that it may go on elsewhere.

Only one that gives a number, or that a code was told for, is kept. A backend that does not answer
costs a second and changes nothing: the draft is in the conversation as ever.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from actions.backend_client import BackendClient
from actions.elsewhere.words import LEAVE, TAKE
from actions.errors import ActionError
from actions.help.danger import lasts
from actions.intake.draft import Draft
from actions.labels import types
from actions.saying import Say, say
from actions.turn import Turn

_CARRIED = ("id", "items", "contact", "asked", "tries", "place", "prelude")
_SHOWN_CHARS = 12
# the upkeep of each conversation that nobody waits for
_UNDER_WAY: dict[str, asyncio.Task[None]] = {}
_ANSWERS = ("affirm", "deny", "skip", "cancel", "inform", "correct", "supplement", LEAVE)
_OFFER_SAYS_IT = ("greet", "announce", "nonsense", "repeat")
WHERE = {"webchat": "网页", "wechat": "微信", "sms": "短信", "hotline": "电话"}


def luggage(draft: Draft) -> str:
    """What goes along to another conversation, as JSON."""
    whole = draft.dump()
    return json.dumps({name: whole[name] for name in _CARRIED}, ensure_ascii=False)


async def left(backend: BackendClient, draft: Draft, turn: Turn) -> list[Say]:
    """Closes a draft that went on elsewhere, and says so; nothing while it is still here."""
    if not (draft.kept and draft.items) or turn.intent == "danger":
        return []
    try:
        told = await backend.draft_whereabouts(draft.id, turn.conversation_id)
    except ActionError:
        return []
    if not told.get("moved_to"):
        return []
    draft.close()
    return [say("utter_went_on_elsewhere", where=WHERE.get(told["moved_to"], ""))]


def only_answers(turn: Turn) -> bool:
    """The message was for the draft that is gone, and brings nothing new."""
    return turn.intent in _ANSWERS and not turn.brings_ours


async def keep(backend: BackendClient, draft: Draft, turn: Turn) -> None:
    """Keeps the draft as it stands.

    Raises:
        BackendDown, BackendRefused: it is not kept, or not as it stands.
    """
    item = (draft.in_scope or draft.items)[0]
    body: dict[str, Any] = {
        "conversation_id": turn.conversation_id,
        "channel": turn.channel,
        "phone": draft.contact.phone,
        "type": item.type,
        "words": item.shown[:_SHOWN_CHARS],
        "draft": luggage(draft),
    }
    await backend.keep_draft(draft.id, body)
    draft.kept = True


def keep_up_behind(backend: BackendClient, kept_before: str, draft: Draft, turn: Turn) -> None:
    """`keep_up` while the answer is on its way; one after the other within a conversation.

    The draft is marked as kept already: one that could not be is asked about in vain, no more.
    """
    place, before = turn.conversation_id, _UNDER_WAY.get(turn.conversation_id)
    draft.kept = draft.kept or _is_to_be_kept(draft)

    async def work() -> None:
        if before is not None and not before.done():
            await asyncio.wait([before])
        await keep_up(backend, kept_before, draft, turn)

    def forget(done: asyncio.Task[None]) -> None:
        if _UNDER_WAY.get(place) is done:
            del _UNDER_WAY[place]

    task = _UNDER_WAY[place] = asyncio.get_running_loop().create_task(work())
    task.add_done_callback(forget)


def _is_to_be_kept(draft: Draft) -> bool:
    return bool(draft.items and draft.id and (draft.kept or draft.contact.phone))


async def keep_up(backend: BackendClient, kept_before: str, draft: Draft, turn: Turn) -> None:
    """After a turn: what is open is kept as it stands now, what is filed or dropped is forgotten."""
    try:
        if kept_before and kept_before != draft.id:
            await backend.drop_draft(kept_before, turn.conversation_id)
        if _is_to_be_kept(draft):
            await keep(backend, draft, turn)
    except ActionError:
        return


async def with_offer(
    backend: BackendClient, sayings: list[Say], draft: Draft, turn: Turn
) -> list[Say]:
    """What is said, with what is open elsewhere offered once to whoever writes from its number."""
    if not turn.number_known or draft.items or draft.asked not in (None, "detail"):
        return sayings
    if lasts(draft) or turn.intent in ("danger", "goodbye", LEAVE, TAKE):
        return sayings
    try:
        offer = (await backend.offer_draft(turn.conversation_id)).get("offer")
    except ActionError:
        return sayings
    if not offer or offer["type"] not in types():
        return sayings
    draft.offered = True
    told = say(
        "utter_offer_elsewhere",
        where=WHERE.get(offer["channel"], ""),
        type=types()[offer["type"]].label,
        words=offer["words"],
    )
    return [told] if turn.intent in _OFFER_SAYS_IT else [*sayings, told]
