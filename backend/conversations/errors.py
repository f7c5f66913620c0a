"""Errors of this feature.

AppError
├── BadRequestError
│   ├── EmptyMessageError
│   └── MessageTooLongError
└── TooManyTriesError
    └── TooFastError

AssistantUnavailableError    the turn is tried again later
"""

from backend.core.errors import BadRequestError, TooManyTriesError


class EmptyMessageError(BadRequestError):
    """Nothing is left of the message after control characters are gone."""

    code = "message_empty"


class MessageTooLongError(BadRequestError):
    """The message has more characters than one message may have."""

    code = "message_too_long"

    def __init__(self, length: int) -> None:
        super().__init__(None, length=length)
        self.length = length


class TooFastError(TooManyTriesError):
    """One citizen sends more messages than a person writes."""

    code = "message_too_fast"
    keeps_changes = False

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s


class AssistantUnavailableError(Exception):
    """The assistant did not answer, or says that it could not do its work."""
