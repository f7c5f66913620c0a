"""What can go wrong on the public's side.

NotFoundError   PublicationNotFoundError
ConflictError   NotInTheHallError
"""

from backend.core.errors import ConflictError, NotFoundError


class PublicationNotFoundError(NotFoundError):
    """No such public number, or it is not public at present; one answer for both."""

    code, title = "publication_not_found", "这一项现在没有公开"

    def __init__(self) -> None:
        super().__init__("可能已经有人认领、公示已经撤下，或者编号不对。")


class NotInTheHallError(ConflictError):
    """It cannot be claimed (any more)."""

    code, title = "not_in_the_hall", "这一项现在不能认领，可能已经有人认领了"
