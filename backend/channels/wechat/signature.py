"""The platform's signatures. Pure; the clock is passed in."""

import hashlib
import hmac
from datetime import datetime

_MAX_TIMESTAMP_CHARS = 12


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts (token, timestamp, nonce, and in secure mode the ciphertext)."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324


def is_signed(given: str, *parts: str) -> bool:
    """Whether the signature fits; compares in constant time."""
    return hmac.compare_digest(given.encode(), signature(*parts).encode())


def is_fresh(timestamp: str, now: datetime, max_skew_s: int) -> bool:
    """Whether the platform's Unix time is near ours."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _MAX_TIMESTAMP_CHARS):
        return False
    return abs(int(timestamp) - now.timestamp()) <= max_skew_s
