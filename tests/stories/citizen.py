"""A simulated citizen: answers what the bot asks from a persona's facts, as a dialogue file tells.

Order of an answer: an event that fits (each once, in the file's order), then `facts.say[field]`,
then `facts[field]`, then `say.other`, then “不清楚”. Knows nothing of the bot but its words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

UNKNOWN = "不清楚"

# what a message asks for, by its words; the first that fits counts
_ASKS: tuple[tuple[str, str], ...] = (
    ("confirm", r"核对|对吗|确认|没问题吗|是这样吗"),
    ("referral", r"要不要我.{0,20}(记|转)|要我.{0,12}转"),
    (
        "contact_phone",
        r"(手机|电话|号码|联系方式|联系您).{0,30}(留|说|发|多少|几多|回|重新|位|[？?])|(留|重新发|请发).{0,12}(手机|电话|号码)|位数",
    ),
    ("location", r"哪(个|一个|条)?(镇|村|社区|街道)|在哪|什么地方|位置|地址|同名"),
    ("contact_name", r"怎么称呼|贵姓|姓名|名字"),
    ("person", r"帮谁|为谁|谁申请"),
    ("type", r"主要是想办哪|哪一样"),
    ("detail", r"什么(事|情况)|哪一处要改|说一下情况"),
    ("beneficiaries", r"多少(人|户)|几(人|户)|惠及|受益"),
    ("amount_cny", r"多少钱|金额|费用大概"),
    ("since", r"多久|什么时候开始"),
)
_EVENT_OF = {
    "contact_phone": "asked_phone",
    "location": "asked_location",
    "contact_name": "asked_name",
    "confirm": "confirm",
}
_CASE_NO = re.compile(r"(?:WSS|WXY|ZYZ)\d{11}")
_NO_QUESTION = ("confirm", "referral", "nothing")


def asks_for(text: str) -> str:
    """The field a message asks for: confirm, referral, location, contact_phone, …, or nothing."""
    return next((name for name, pattern in _ASKS if re.search(pattern, text)), "nothing")


@dataclass
class Citizen:
    """One run of one dialogue; keeps which events have fired and what was asked how often."""

    row: dict[str, Any]
    turn: int = 0
    questions: int = 0
    fired: list[int] = field(default_factory=list)
    first_event_turn: int | None = None

    def answer(self, bot_text: str) -> str | None:
        """The next message, or None when there is nothing more to say."""
        self.turn += 1
        wanted = asks_for(bot_text)
        if wanted not in _NO_QUESTION:
            self.questions += 1
        scripted = self._event(wanted, bot_text)
        if scripted is not None:
            return scripted
        if wanted == "nothing":
            return None
        return self._fact(wanted)

    def _event(self, wanted: str, bot_text: str) -> str | None:
        happened = {_EVENT_OF.get(wanted, "")}
        if _CASE_NO.search(bot_text):
            happened.add("case_created")
        for n, event in enumerate(self.row.get("events", [])):
            if n in self.fired:
                continue
            due = event.get("when") in happened or self.turn >= event.get("after_turn", 10**6)
            if due or self.turn >= event.get("latest_turn", 10**6):
                self.fired.append(n)
                self.first_event_turn = self.first_event_turn or self.turn
                return str(event["say"])
            return None
        return None

    def _fact(self, wanted: str) -> str:
        facts = self.row["facts"]
        said = facts.get("say", {})
        if wanted in ("confirm", "referral"):
            return str(said.get("yes", "是"))
        if wanted == "location" and "location" not in said:
            return str(facts.get("place_text") or UNKNOWN)
        value = said.get(wanted, facts.get(wanted))
        return str(value if value is not None else said.get("other", UNKNOWN))
