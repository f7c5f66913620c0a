"""What can go wrong between the action server and the backend.

ActionError
├── BackendDown      no answer, or a 5xx: nothing was decided, the same turn can be tried again
└── BackendRefused   the backend understood and said no; `code` is its stable problem code
"""

from __future__ import annotations


class ActionError(Exception):
    """Something an action can act on."""


class BackendDown(ActionError):
    """The backend gave no usable answer."""


class BackendRefused(ActionError):
    """The backend refused the request."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
