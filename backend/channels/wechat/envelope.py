"""Secure mode: AES-256-CBC around the XML.

Clear text: 16 random bytes, the XML's length (4 bytes, big endian), the XML, the AppID; padded as
PKCS#7 to 32 bytes. The initial vector is the key's first half.
"""

import base64
import binascii
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_RANDOM_BYTES = 16
_LENGTH_BYTES = 4
_BLOCK = 32


class BadEnvelopeError(Exception):
    """Not made with this key for this account."""


def seal(key: bytes, xml: str, app_id: str) -> str:
    """Encrypt XML for the platform: base64."""
    body = xml.encode()
    clear = (
        secrets.token_bytes(_RANDOM_BYTES)
        + len(body).to_bytes(_LENGTH_BYTES, "big")
        + body
        + app_id.encode()
    )
    filling = _BLOCK - len(clear) % _BLOCK
    encryptor = _cipher(key).encryptor()
    return base64.b64encode(
        encryptor.update(clear + bytes([filling]) * filling) + encryptor.finalize()
    ).decode()


def unseal(key: bytes, encrypted: str, app_id: str) -> bytes:
    """The XML inside.

    Raises:
        BadEnvelopeError: anything about it is not as it must be.
    """
    try:
        sealed = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadEnvelopeError("not base64") from error
    if not sealed or len(sealed) % 16:
        raise BadEnvelopeError("not whole blocks")
    decryptor = _cipher(key).decryptor()
    clear = _unpadded(decryptor.update(sealed) + decryptor.finalize())
    start = _RANDOM_BYTES + _LENGTH_BYTES
    length = int.from_bytes(clear[_RANDOM_BYTES:start], "big")
    body, sender = clear[start : start + length], clear[start + length :]
    if len(clear) < start or len(body) != length or sender != app_id.encode():
        raise BadEnvelopeError("not for this account")
    return body


def _unpadded(clear: bytes) -> bytes:
    filling = clear[-1]
    if not 1 <= filling <= _BLOCK or clear[-filling:] != bytes([filling]) * filling:
        raise BadEnvelopeError("wrong padding")
    return clear[:-filling]


def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))
