"""The configured account, or that there is none."""

import base64
import binascii
from dataclasses import dataclass, field

from backend.settings import Settings

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Account:
    """One Official Account; ``aes_key`` is missing in plain mode only."""

    app_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: bytes | None = field(repr=False)
    accepts_plain: bool = False

    @property
    def accepts_secure(self) -> bool:
        """Whether encrypted callbacks can be read."""
        return self.aes_key is not None


def configured_account(settings: Settings) -> Account | None:
    """The account of the settings; ``None`` switches the channel off.

    Raises:
        ValueError: the AES key is not an EncodingAESKey.
    """
    app_id, secret, token = (
        settings.wechat_app_id,
        settings.wechat_secret,
        settings.wechat_token,
    )
    key = settings.wechat_aes_key
    if not app_id or secret is None or token is None:
        return None
    if key is None and settings.wechat_mode != "plain":
        return None
    return Account(
        app_id=app_id,
        secret=secret.get_secret_value(),
        token=token.get_secret_value(),
        aes_key=None
        if key is None or settings.wechat_mode == "plain"
        else decoded_key(key.get_secret_value()),
        accepts_plain=settings.wechat_mode != "secure",
    )


def decoded_key(encoding_aes_key: str) -> bytes:
    """EncodingAESKey: 43 characters of base64 without their padding."""
    try:
        key = base64.b64decode(encoding_aes_key + "=")
    except binascii.Error as error:
        raise ValueError("GUANJIA_WECHAT_AES_KEY must be an EncodingAESKey") from error
    if len(key) != _KEY_BYTES:
        raise ValueError("GUANJIA_WECHAT_AES_KEY must be an EncodingAESKey of 43 characters")
    return key
