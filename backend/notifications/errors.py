"""Errors of this feature.

AppError
└── BadRequestError
    └── EventUnknownError
"""

from backend.core.errors import BadRequestError


class EventUnknownError(BadRequestError):
    """No event of this case has that number, and no step has that name."""

    code, title = "event_unknown", "没有这个事件"
