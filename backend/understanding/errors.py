"""What can go wrong with understanding."""

from backend.core.errors import TooLargeError, UnavailableError


class TextTooLongError(TooLargeError):
    """More than 20,000 characters."""

    code, title = "text_too_long", "文字超过20000字"


class AssistantDownError(UnavailableError):
    """The assistant gives no usable answer."""

    code, title = "assistant_down", "智能助手暂时不可用，请稍后再试"
