"""What every channel of the assistant does with a citizen's text before and after the turn."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

from bot.repeats import told_before

logger = logging.getLogger(__name__)

MAX_TEXT_CHARS = 20_000
_COMMAND_PREFIXES = "/／"
_SILENT = "utter_service_down"

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]


class TurnCollector(CollectingOutputChannel):  # type: ignore[misc]
    """Collects a turn's answers and joins their texts into one message.

    Its name is the citizen's channel, so that a response may hold a `channel: sms` variant.
    One message a turn: WeChat counts messages and SMS is paid by the part.
    """

    def __init__(self, channel: str) -> None:
        super().__init__()
        self._channel = channel

    def name(self) -> str:
        """The citizen's channel: wechat, webchat, sms, rest."""
        return self._channel

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        """Keeps a text whole (the stock channel splits it at blank lines)."""
        await self._persist_message(self._message(recipient_id, text=text.strip()))

    @property
    def wants_retry(self) -> bool:
        """True when an action said that the turn could not be worked on now."""
        return asks_for_retry(self.messages)

    def joined(self) -> list[dict[str, Any]]:
        """The turn as at most one message: `{"text", "buttons"?}`."""
        return joined(self.messages)


def joined(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was said as at most one message: `{"text", "buttons"?}`."""
    texts = [m["text"] for m in messages if m.get("text")]
    buttons = [b for m in messages for b in m.get("buttons") or []]
    if not texts:
        return []
    message: dict[str, Any] = {"text": "\n".join(texts)}
    if buttons:
        message["buttons"] = buttons
    return [message]


def asks_for_retry(messages: Sequence[dict[str, Any]]) -> bool:
    """Whether an action said that the turn could not be worked on now."""
    return any((m.get("custom") or {}).get("retry") for m in messages)


@dataclass(frozen=True)
class TurnResult:
    """One worked turn. `failed`: nothing was decided, the same message must be sent again."""

    messages: list[dict[str, Any]]
    failed: bool


def as_plain_text(text: object) -> str:
    """Free text that can no longer be read as a command (`/restart`, `/intent{…}`).

    Lone surrogates and control characters are dropped; PostgreSQL and JSON refuse them.
    """
    if not isinstance(text, str):
        return ""
    clean = "".join(
        c for c in text if c in "\n\t" or (c.isprintable() and ord(c) not in _SURROGATES)
    )
    return clean.strip().lstrip(_COMMAND_PREFIXES).strip()[:MAX_TEXT_CHARS]


_SURROGATES = range(0xD800, 0xE000)


def sentence(agent: Agent, response: str) -> str:
    """The first wording of a response of the domain."""
    return str(agent.domain.responses[response][0]["text"])


async def work(
    agent: Agent,
    on_new_message: OnNewMessage,
    *,
    text: object,
    sender_id: str,
    channel: str,
    message_id: str | None,
    metadata: dict[str, Any] | None,
    is_repeat: bool = False,
) -> TurnResult:
    """Runs one turn. An empty answer is a failure: Rasa swallows every action error.

    `is_repeat`: the message may have been worked before; then its answer is given again.
    """
    plain = as_plain_text(text)
    if not plain:
        return TurnResult([{"text": sentence(agent, "utter_empty")}], failed=False)
    if is_repeat and message_id:
        before = await told_before(agent, sender_id, message_id)
        if joined(before) and not asks_for_retry(before):
            return TurnResult(joined(before), failed=False)
    collector = TurnCollector(channel)
    try:
        await on_new_message(
            UserMessage(
                plain,
                collector,
                sender_id,
                input_channel=channel,
                message_id=message_id,
                metadata=metadata or {},
            )
        )
    except Exception:
        logger.exception("A turn could not be worked on.")
        return TurnResult([{"text": sentence(agent, _SILENT)}], failed=True)
    messages = collector.joined()
    if not messages:
        return TurnResult([{"text": sentence(agent, _SILENT)}], failed=True)
    return TurnResult(messages, failed=collector.wants_retry)
