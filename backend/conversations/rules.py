"""Decisions of a conversation as pure functions."""

import re

MAX_MESSAGE_CHARS = 2000
MESSAGES_PER_MINUTE = 20
RATE_WINDOW_S = 60

_BACKOFF_S = (2, 5, 15, 60)
_GIVE_UP_AFTER_S = 3600
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


def _wait(attempt: int) -> int:
    return _BACKOFF_S[min(attempt, len(_BACKOFF_S)) - 1]


def names_emergency_number(text: str) -> bool:
    """Whether the first line sends the citizen to 110, 119 or 120."""
    return bool(_EMERGENCY_NUMBER.search(text.strip().split("\n", 1)[0]))
