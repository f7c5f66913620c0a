"""What the webhook refuses.

AppError
├── NotFoundError
│   └── ChannelOffError
├── ForbiddenError
│   └── NotFromWeChatError     signature, age, or a nonce that was used for another message
├── BadRequestError
│   └── MalformedCallbackError
└── TooLargeError
"""

from backend.core.errors import BadRequestError, ForbiddenError, NotFoundError


class ChannelOffError(NotFoundError):
    """No account is configured."""

    code, title = "wechat_off", "没有接入微信公众号"


class NotFromWeChatError(ForbiddenError):
    """Not signed by the platform, too old, or sent a second time with other words."""

    code, title = "wechat_not_verified", "签名无效或已过期"


class MalformedCallbackError(BadRequestError):
    """Signed, perhaps, but not a callback."""

    code, title = "wechat_malformed", "消息格式不对"
