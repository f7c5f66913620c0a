"""Errors of this feature.

AppError
├── BadRequestError
│   ├── EmptyMessageError
│   ├── MessageTooLongError
│   └── ImagesRefusedError
├── NotFoundError
│   ├── MessageNotFoundError
│   └── ImageNotFoundError
├── ConflictError
│   └── NotResendableError
└── TooManyTriesError
    └── TooFastError

AssistantUnavailableError    the turn is tried again later
"""

from backend.core.errors import (
    BadRequestError,
    ConflictError,
    NotFoundError,
    TooManyTriesError,
)

_UNUSABLE = {
    "too_big": "太大了，一张最多 10 MB",
    "too_many_pixels": "的尺寸太大了",
    "not_a_photo": "打不开，请用 JPG、PNG、WebP、GIF 或 BMP 格式",
}


class EmptyMessageError(BadRequestError):
    """Nothing is left of the message after control characters are gone."""

    code = "message_empty"


class MessageTooLongError(BadRequestError):
    """The message has more characters than one message may have."""

    code = "message_too_long"

    def __init__(self, length: int) -> None:
        super().__init__(None, length=length)
        self.length = length


class ImagesRefusedError(BadRequestError):
    """Photos that cannot be kept; ``detail`` says why in words."""

    code, title = "images_refused", "照片没有保存"

    @classmethod
    def of(cls, number: int, reason: str) -> "ImagesRefusedError":
        """The photo of that number (from 1) cannot be used; reasons as in ``evidence``."""
        return cls(f"第 {number} 张照片{_UNUSABLE[reason]}")


class ImageNotFoundError(NotFoundError):
    """Not a photo of this case, or not kept."""

    code, title = "image_not_found", "没有这张照片"


class MessageNotFoundError(NotFoundError):
    """There is no such outbound message."""

    code = "message_not_found"


class NotResendableError(ConflictError):
    """Only what failed or whose outcome is unknown is sent again by hand."""

    code, title = "message_not_resendable", "只有发送失败或结果不明的消息可以重发"


class TooFastError(TooManyTriesError):
    """One citizen sends more messages than a person writes."""

    code = "message_too_fast"
    keeps_changes = False

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s


class AssistantUnavailableError(Exception):
    """The assistant did not answer, or says that it could not do its work."""
