"""What can be wrong with a webhook of a provider.

AppError
├── BadRequestError   400  WebhookMalformedError
└── ForbiddenError    403  SignatureInvalidError, RequestStaleError
"""

from backend.core.errors import BadRequestError, ForbiddenError


class WebhookMalformedError(BadRequestError):
    """Not the provider's format: charset, fields or their shape."""

    code, title = "webhook_malformed", "请求格式不对"


class SignatureInvalidError(ForbiddenError):
    """Nobody we know signed this."""

    code, title = "signature_invalid", "签名不对"


class RequestStaleError(ForbiddenError):
    """Signed too long ago, or seen before."""

    code, title = "request_stale", "请求已过期或重复"
