"""Decisions of a conversation as pure functions."""

import re

MAX_MESSAGE_CHARS = 2000
MESSAGES_PER_MINUTE = 20
RATE_WINDOW_S = 60

_BACKOFF_S = (2, 5, 10, 15)
"""A citizen waits: short tries of one small call cost less than a minute without an answer."""
_GIVE_UP_AFTER_S = 3600
SETTLE_S = 20
"""A try is over by then, whatever happened to the process that made it."""
CARD_HOURS = 24
_DELIVERY_BACKOFF_S = (5, 15, 60, 300, 900, 3600)
_DELIVERY_GIVE_UP_AFTER_S = 24 * 3600
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\ufeff\ud800-\udfff]")
_EMERGENCY_NUMBER = re.compile(r"(?<![\d-])(?:110|119|120)(?![\d号])")


def clean_text(text: str) -> str:
    """The text without control characters, lone surrogates and outer blanks; line breaks stay."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", unified).strip()


def retry_in_s(failed_attempts: int) -> int | None:
    """Seconds until the next try after that many failures (1, 2, …); ``None``: an hour is over."""
    waited = sum(_wait(attempt) for attempt in range(1, failed_attempts))
    return _wait(failed_attempts) if waited < _GIVE_UP_AFTER_S else None


def delivery_retry_in_s(tries: int) -> int | None:
    """Seconds until a message is tried again after that many tries; ``None``: a day is over."""
    waits = [_delivery_wait(attempt) for attempt in range(1, tries + 1)]
    return waits[-1] if sum(waits[:-1]) < _DELIVERY_GIVE_UP_AFTER_S else None


def _delivery_wait(attempt: int) -> int:
    return _DELIVERY_BACKOFF_S[min(attempt, len(_DELIVERY_BACKOFF_S)) - 1]


_STATE_RANK = {"queued": 0, "unknown": 1, "sent": 2, "delivered": 3, "failed": 3}


def may_follow(before: str, after: str) -> bool:
    """Whether a provider's report moves a message on; reports come late, twice and unordered."""
    return _STATE_RANK[after] > _STATE_RANK[before]


def _wait(attempt: int) -> int:
    return _BACKOFF_S[min(attempt, len(_BACKOFF_S)) - 1]


def names_emergency_number(text: str) -> bool:
    """Whether the first line sends the citizen to 110, 119 or 120."""
    return bool(_EMERGENCY_NUMBER.search(text.strip().split("\n", 1)[0]))
