"""One message of a citizen as the assistant understood it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker

_CHANNELS = {"wechat": "wechat", "sms": "sms", "webchat": "webchat", "hotline": "hotline"}


@dataclass(frozen=True)
class Turn:
    """The parse result of the latest message, with empty defaults for what is missing.

    `requests` are the triage's requests; `facts` what stands in the message besides;
    `card_village` the village on the service card whose code the citizen scanned.
    """

    conversation_id: str
    message_id: str
    channel: str
    text: str
    intent: str
    requests: tuple[dict[str, Any], ...] = ()
    alerts: tuple[dict[str, Any], ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    card_village: str | None = None

    @classmethod
    def latest(cls, tracker: Tracker) -> Turn:
        """Reads the tracker's latest message."""
        message = tracker.latest_message or {}
        triage = message.get("triage") or {}
        facts = message.get("facts") or {}
        channel = tracker.get_latest_input_channel() or ""
        return cls(
            conversation_id=tracker.sender_id,
            message_id=str(message.get("message_id") or ""),
            channel=_CHANNELS.get(channel, "webchat"),
            text=str(facts.get("normalized") or message.get("text") or ""),
            intent=str((message.get("intent") or {}).get("name") or ""),
            requests=tuple(triage.get("requests") or ()),
            alerts=tuple(triage.get("alerts") or ()),
            facts=facts,
            card_village=(message.get("metadata") or {}).get("card_village"),
        )

    @property
    def yes(self) -> bool:
        """The message as a whole agrees."""
        return self.facts.get("polarity") == "yes" or self.intent == "affirm"

    @property
    def no(self) -> bool:
        """The message as a whole declines."""
        return self.facts.get("polarity") == "no" or self.intent == "deny"

    @property
    def skips(self) -> bool:
        """The citizen does not know, or does not want to say."""
        return self.intent == "skip"

    @property
    def choice(self) -> int | None:
        """The number picked, counted from 1."""
        choice = self.facts.get("choice")
        return choice if isinstance(choice, int) else None

    def phones(self, *, valid: bool) -> list[str]:
        """The caller's own phone numbers, in order."""
        return [
            p["value"]
            for p in self.facts.get("phones") or ()
            if p.get("valid") is valid and p.get("of", "caller") == "caller"
        ]

    @property
    def case_numbers(self) -> list[dict[str, Any]]:
        """Case numbers as typed, each with whether its check digit fits."""
        return list(self.facts.get("case_nos") or ())

    def places(self, role: str) -> list[dict[str, Any]]:
        """Places with this role: request, origin, negated, other_city."""
        return [p for p in self.facts.get("places") or () if p.get("role") == role]
