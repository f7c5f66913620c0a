"""Keeping people's data: encryption at rest, keyed look-up, masking.

Contact data is sealed with AES-256-GCM; the sealed text carries the id of its key, so keys can be
changed while old rows stay readable. Equality look-ups use an HMAC, never the value.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
import unicodedata
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_VERSION = "v1"


class SealError(Exception):
    """The sealed text was changed, belongs elsewhere, or its key is not configured."""


def key_id(key: bytes) -> str:
    """Short public name of a key: the first 8 hex digits of its SHA-256."""
    return hashlib.sha256(key).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and opens contact data and makes keyed hashes."""

    current: bytes = field(repr=False)
    hash_key: bytes = field(repr=False)
    retired: tuple[bytes, ...] = field(default=(), repr=False)
    _ciphers: dict[str, AESGCM] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        keys = (*self.retired, self.current)
        object.__setattr__(self, "_ciphers", {key_id(key): AESGCM(key) for key in keys})

    def seal(self, value: dict[str, str | None], purpose: str) -> str:
        """Encrypt a small JSON object for one purpose: ``v1.<key id>.<base64 nonce+text+tag>``."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        clear = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        name = key_id(self.current)
        sealed = nonce + self._ciphers[name].encrypt(nonce, clear, purpose.encode())
        return f"{_VERSION}.{name}.{base64.b64encode(sealed).decode()}"

    def open(self, sealed: str, purpose: str) -> dict[str, str | None]:
        """Decrypt what ``seal`` made for the same purpose; ``SealError`` otherwise."""
        try:
            version, name, body = sealed.split(".", 2)
            raw = base64.b64decode(body, validate=True)
            cipher = self._ciphers[name]
            clear = cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode())
        except (ValueError, KeyError, InvalidTag) as error:
            raise SealError("cannot open sealed data") from error
        if version != _VERSION:
            raise SealError("unknown seal version")
        opened: dict[str, str | None] = json.loads(clear.decode())
        return opened

    def keyed_hash(self, purpose: str, value: str) -> str:
        """HMAC-SHA256 as hex; the purpose keeps equal values of different kinds apart."""
        message = purpose.encode() + b"\x00" + value.encode()
        return hmac.new(self.hash_key, message, hashlib.sha256).hexdigest()


def normalise_phone(raw: str) -> str:
    """Digits only, half-width, without +86/0086: what look-ups compare."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", raw))
    return re.sub(r"^(?:00)?86(?=1\d{10}$)", "", digits)


def mask_phone(phone: str | None) -> str | None:
    """138****1234; short or foreign numbers keep their last two digits only."""
    if not phone:
        return phone
    digits = normalise_phone(phone)
    if len(digits) >= 11:
        return f"{digits[:3]}{'*' * (len(digits) - 7)}{digits[-4:]}"
    return "*" * max(len(digits) - 2, 3) + digits[-2:]


def mask_name(name: str | None) -> str | None:
    """陈女士 → 陈**; the family name's first character stays."""
    if not name:
        return name
    return name[0] + "*" * max(len(name) - 1, 1)


_GAP = r"[\s\-－—.]?"
_MOBILE = re.compile(
    rf"(?<!\d)(?:\+?86{_GAP})?1{_GAP}[3-9]{_GAP}\d(?:{_GAP}\d){{8}}(?!\d)", re.ASCII
)
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[\s\-－—]?\d{7,8}(?!\d)", re.ASCII)
_LONG_NUMBER = re.compile(r"(?<!\d)\d(?:[ \-]?\d){13,18}[Xx]?(?![\dXx])", re.ASCII)


def mask_text(text: str, *, identity_only: bool = False) -> str:
    """Hide identity-card and bank-card numbers, and phones too unless ``identity_only``.

    Full-width digits count as digits; everything else of the text stays as sent.
    """
    plain = text.translate(_HALF_WIDTH_DIGITS)
    plain = _LONG_NUMBER.sub(lambda found: _DIGIT.sub("*", found.group()), plain)
    if identity_only:
        return plain
    for pattern in (_MOBILE, _LANDLINE):
        plain = pattern.sub(lambda found: _tail_only(found.group()), plain)
    return plain


def _tail_only(number: str) -> str:
    """Stars up to the last four digits."""
    return _DIGIT.sub("*", number[:-4]) + number[-4:]


_DIGIT = re.compile(r"[0-9Xx]")
_HALF_WIDTH_DIGITS = {0xFF10 + n: ord("0") + n for n in range(10)}
