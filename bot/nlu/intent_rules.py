"""What is certain about a message before any model is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

Ranking = Sequence[Mapping[str, Any]]

LONG_TEXT = 60
_FILLER = re.compile(
    r"我的?|你们?|您|是|叫|在|住|的|电话|手机|号码?|联系|打|姓名|名字|地址|尾号|后四位|[，,。.、：:！!\s]|呀|啊|哦|这里|那边|附近|喺|系|个"
)
_ASKS = re.compile(r"[吗嘛呢么?？]|多少|几|怎|哪|点")
# intents that a long text may still have; any other long text states a matter
_LONG_INTENTS = frozenset(
    {"report", "supplement", "ask_progress", "withdraw", "rate", "rude", "nonsense", "correct"}
)
_POLARITY_INTENTS = {"yes": "affirm", "no": "deny"}
_SAYS_NO = frozenset({"deny", "cancel", "skip", "rate", "thanks", "goodbye"})
_SAYS_YES = frozenset({"affirm", "rate", "thanks", "goodbye"})


def certain_intent(message: Message, ranking: Ranking) -> str | None:
    """The intent that the extractors' findings leave no doubt about, else None."""
    text = message.get(TEXT) or ""
    guess = ranking[0]["name"]
    if message.get("alerts"):
        return "danger"
    if message.get("notice_wish"):
        return "notice_wish"
    if message.get("case_nos") and guess not in ("withdraw", "supplement", "rate"):
        return "ask_progress"
    if (polarity := message.get("polarity")) in _POLARITY_INTENTS:
        agreeing = _SAYS_YES if polarity == "yes" else _SAYS_NO
        return None if guess in agreeing else _POLARITY_INTENTS[polarity]
    if message.get("choice") is not None:
        return "inform"
    if guess != "correct" and _only_facts(text, message):
        return "inform"
    if len(text) > LONG_TEXT and guess not in _LONG_INTENTS:
        return "report"
    return None


def _only_facts(text: str, message: Message) -> bool:
    """Whether nothing is left once phones, places and names are taken out."""
    spans = [
        (found["start"], found["end"])
        for key in ("phones", "places", "names")
        for found in message.get(key) or []
        if isinstance(found, Mapping)
    ]
    if not spans or len(text) > LONG_TEXT:
        return False
    kept = "".join(char for at, char in enumerate(text) if not any(s <= at < e for s, e in spans))
    return not _ASKS.search(kept) and len(_FILLER.sub("", kept)) <= 1
