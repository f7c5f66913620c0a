"""What can go wrong at the desk.

NotFoundError     DraftNotFoundError, FilingNotFoundError
ConflictError     CardHandledError, UndoTooLateError, CannotJoinError
BadRequestError   FileUnreadableError, NothingFoundError, FormRefusedError
"""

from backend.core.errors import BadRequestError, ConflictError, NotFoundError


class DraftNotFoundError(NotFoundError):
    """No such draft, or another agent's."""

    code, title = "draft_not_found", "没有找到这份记录"


class FilingNotFoundError(NotFoundError):
    """Nothing was filed there, or it was undone."""

    code, title = "filing_not_found", "没有找到这次登记"


class CardHandledError(ConflictError):
    """The card was filed, joined or dismissed before."""

    code, title = "card_handled", "这一项已经处理过了"


class UndoTooLateError(ConflictError):
    """More than a minute has passed."""

    code, title = "undo_too_late", "已超过一分钟，不能撤销；请到案件里撤回"


class CannotJoinError(ConflictError):
    """The case is not one that others may join, or has ended."""

    code, title = "cannot_join", "这个案件不能并入"


class FileUnreadableError(BadRequestError):
    """The upload cannot be read; ``detail`` says why in a sentence."""

    code, title = "file_unreadable", "文件读不出来"


class NothingFoundError(BadRequestError):
    """The upload or the pasted text holds no words."""

    code, title = "nothing_found", "没有找到可以录入的文字"


class FormRefusedError(BadRequestError):
    """Fields that cannot be filed as they are; ``problems`` says what, by field."""

    code, title = "form_refused", "还有几处要改"

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(None, problems=problems)
        self.problems = problems
