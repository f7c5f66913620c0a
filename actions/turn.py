"""One message of a citizen as the assistant understood it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker

_ASIDES = ("greet", "thanks", "goodbye", "bot_challenge", "repeat", "rude", "nonsense", "announce")
_TAIL = re.compile(
    r"(?:最后|后面|末|尾号?|尾数|结尾|后)(?:[两二三四几]?[位个]?)(?:数字?|号码)?"
    r"(?:应该|其实|要)?(?:是|系|改成|改为|为|：|:)\s*(?P<digits>\d{1,6})(?!\d)"
)
_SHORT_CHARS = 16
_CHANNELS = {"wechat": "wechat", "sms": "sms", "webchat": "webchat", "hotline": "hotline"}


@dataclass(frozen=True)
class Turn:
    """The parse result of the latest message, with empty defaults for what is missing.

    `requests` are the triage's requests; `facts` what stands in the message besides;
    `card_village` the village on the service card whose code the citizen scanned;
    `number_known`: the citizen writes from a telephone whose number the backend has;
    `ranking` intents with their chances.
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
    number_known: bool = False
    ranking: tuple[tuple[str, float], ...] = ()
    sent: str = ""
    """The text as sent, which offsets count; `text` is the cleaned one."""

    @classmethod
    def latest(cls, tracker: Tracker) -> Turn:
        """Reads the tracker's latest message."""
        message = tracker.latest_message or {}
        triage = message.get("triage") or {}
        facts = message.get("facts") or {}
        channel = tracker.get_latest_input_channel() or ""
        metadata = message.get("metadata") or {}
        return cls(
            conversation_id=tracker.sender_id,
            message_id=str(message.get("message_id") or ""),
            channel=_CHANNELS.get(channel, "webchat"),
            text=str(facts.get("normalized") or message.get("text") or ""),
            sent=str(message.get("text") or ""),
            intent=str((message.get("intent") or {}).get("name") or ""),
            requests=tuple(triage.get("requests") or ()),
            alerts=tuple(triage.get("alerts") or ()),
            facts=facts,
            card_village=metadata.get("card_village"),
            number_known=bool(metadata.get("number_known")),
            ranking=tuple(
                (str(entry["name"]), float(entry["confidence"]))
                for entry in message.get("intent_ranking") or ()
            ),
        )

    @property
    def aside(self) -> bool:
        """A greeting, thanks or a question in passing, heard by itself."""
        return self.intent.startswith("faq_") or self.intent in _ASIDES

    @property
    def brings_ours(self) -> bool:
        """The message tells a matter of the programme, beyond doubt."""
        return any(
            request["category"] != "out_of_scope" and not request.get("needs_person")
            for request in self.requests
        )

    @property
    def last4(self) -> str | None:
        """The last four digits of a number: named so, or alone beside a case number or in a few words."""
        if self.facts.get("last4"):
            return str(self.facts["last4"])
        rest = self._without("case_nos", "phones")
        found = re.findall(r"(?<!\d)\d{4}(?!\d)", rest)
        return found[-1] if found and len(rest) <= _SHORT_CHARS else None

    @property
    def sureness(self) -> float:
        """The chance of the intent among all, 1.0 when none was told."""
        return next((chance for name, chance in self.ranking if name == self.intent), 1.0)

    @property
    def facts_told(self) -> bool:
        """The message holds a place, a number or a name."""
        return any(self.facts.get(key) for key in ("phones", "places", "names"))

    @property
    def phone_tail(self) -> str | None:
        """The last digits of a number, said alone to mend one (“最后是9001”, “尾号改成61”)."""
        match = None if self.facts.get("phones") else _TAIL.search(self.text)
        return match["digits"] if match else None

    @property
    def words(self) -> str:
        """The text without telephone numbers: what may stand in a description."""
        return self._without("phones").strip(" ，,。、；;：:")

    def left_over(self) -> int:
        """How many characters tell more than places, numbers and names."""
        return len(re.sub(r"[^\w]", "", self._without("phones", "places", "names")))

    def _without(self, *kinds: str) -> str:
        spans = [
            range(found["start"], found["end"])
            for kind in kinds
            for found in self.facts.get(kind) or ()
            if "start" in found
        ]
        counted = self.sent if self.sent and len(self.sent) != len(self.text) else self.text
        return "".join(c for at, c in enumerate(counted) if not any(at in s for s in spans))

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
    def any_phone(self) -> str | None:
        """The caller's last whole number in the message, else the last, whosever it is."""
        own = self.phones(valid=True)
        valid = [p["value"] for p in self.facts.get("phones") or () if p.get("valid")]
        return (own or valid)[-1] if valid else None

    @property
    def case_numbers(self) -> list[dict[str, Any]]:
        """Case numbers as typed, each with whether its check digit fits."""
        return list(self.facts.get("case_nos") or ())

    def places(self, role: str) -> list[dict[str, Any]]:
        """Places with this role: request, origin, negated, other_city."""
        return [p for p in self.facts.get("places") or () if p.get("role") == role]
