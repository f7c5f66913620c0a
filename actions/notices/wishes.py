"""What is said about a wish for notices."""

from __future__ import annotations

from actions.backend_client import BackendClient
from actions.saying import Say, say
from actions.turn import Turn

_CHOSEN = ("sms", "wechat")


async def heed(backend: BackendClient, turn: Turn) -> list[Say]:
    """Keeps the wish that the message is, and confirms what it comes to.

    Raises:
        BackendDown: nothing was kept. BackendRefused: the same, for good.
    """
    wish = str(turn.facts.get("notice_wish"))
    kept = await backend.heed_wish(
        {"conversation_id": turn.conversation_id, "channel": turn.channel, "wish": wish}
    )
    if not kept["cases"]:
        return [say("utter_notice_noted")]
    if wish in _CHOSEN and wish not in kept["channels"]:
        return [say(f"utter_notice_{wish}_not_now")]
    return [say(f"utter_notice_{wish}", phone=kept.get("phone") or "")]
