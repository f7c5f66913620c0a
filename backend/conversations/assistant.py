"""Client of the assistant's private connector."""

from dataclasses import dataclass
from typing import Any

import httpx

from backend.conversations.errors import AssistantUnavailableError
from backend.conversations.rules import names_emergency_number
from backend.conversations.schemas import Button, Reply


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message of a citizen for the assistant.

    ``card_village``: where the scanned card is; ``number_known``: the citizen writes from a
    telephone, so that there is a number to ring (the assistant never learns which);
    ``is_repeat``: the assistant may have had it before, and then answers as it did.
    """

    conversation_id: str
    message_id: str
    channel: str
    text: str
    payload: str | None = None
    card_village: str | None = None
    number_known: bool = False
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Assistant:
    """``POST /webhooks/guanjia/message`` with the shared secret."""

    http: httpx.AsyncClient
    url: str
    token: str
    timeout_s: float

    async def answer(self, utterance: Utterance) -> list[Reply]:
        """The assistant's replies, in order.

        Raises:
            AssistantUnavailableError: no connection, time-out, any status but 200, an answer that
                is not understood, or ``failed: true``.
        """
        try:
            response = await self.http.post(
                f"{self.url}/webhooks/guanjia/message",
                json=_body(utterance),
                headers={"Authorization": f"Bearer {self.token}"},
                timeout=self.timeout_s,
            )
            response.raise_for_status()
            answer = response.json()
            if answer["failed"]:
                raise AssistantUnavailableError("the assistant could not finish the turn")
            return [_reply(message) for message in answer["messages"]]
        except httpx.HTTPError as error:
            raise AssistantUnavailableError(type(error).__name__) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise AssistantUnavailableError("the answer is not understood") from error


def _body(utterance: Utterance) -> dict[str, Any]:
    body: dict[str, Any] = {
        "conversation_id": utterance.conversation_id,
        "message_id": utterance.message_id,
        "channel": utterance.channel,
        "text": utterance.text,
    }
    if utterance.payload is not None:
        body["payload"] = utterance.payload
    known = {"card_village": utterance.card_village, "number_known": utterance.number_known}
    if metadata := {name: value for name, value in known.items() if value}:
        body["metadata"] = metadata
    if utterance.is_repeat:
        body["repeat"] = True
    return body


def _reply(message: dict[str, Any]) -> Reply:
    text = str(message.get("text") or "")
    buttons = tuple(
        Button(str(button["title"]), str(button["payload"]))
        for button in message.get("buttons") or ()
    )
    urgent = message.get("urgent")
    return Reply(text, buttons, names_emergency_number(text) if urgent is None else bool(urgent))
