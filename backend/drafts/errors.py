"""What can go wrong with open drafts.

NotFoundError   DraftNotFoundError
ConflictError   DraftMovedError
"""

from backend.core.errors import ConflictError, NotFoundError


class DraftNotFoundError(NotFoundError):
    """A code that is wrong, used or too old, or no draft of this number; one answer for all."""

    code, title = "draft_not_found", "没有找到可以接着办的内容"
    keeps_changes = True


class DraftMovedError(ConflictError):
    """Another conversation goes on with this draft."""

    code, title = "draft_moved", "这件事已经在别处接着办了"
