"""Who sent a webhook: pure functions that compare in constant time.

Two kinds: Twilio's ``X-Twilio-Signature`` (twilio.com/docs/usage/security) and our gateway's
``timestamp.nonce.body``.
"""

import base64
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

MAX_SKEW_S = 300
_PORTS = {"https": 443, "http": 80}

Pairs = Sequence[tuple[str, str]]


def twilio_signature(token: str, url: str, form: Pairs) -> str:
    """base64(HMAC-SHA1(token, url + sorted names, each with its sorted values)).

    Args:
        token: the account's auth token.
        url: the address as Twilio was given it, query included.
        form: every field of the raw body, blank ones too (``parse_qsl(keep_blank_values=True)``).
    """
    values: dict[str, set[str]] = defaultdict(set)
    for name, value in form:
        values[name].add(value)
    signed = url + "".join(
        name + value for name in sorted(values) for value in sorted(values[name])
    )
    digest = hmac.new(token.encode(), signed.encode("utf-8", "surrogatepass"), hashlib.sha1)
    return base64.b64encode(digest.digest()).decode()


def is_from_twilio(tokens: Iterable[str], url: str, form: Pairs, claimed: str | None) -> bool:
    """Whether one of the account's tokens signed this request.

    Twilio signs with or without the scheme's own port, so both spellings are tried. Every
    candidate is compared, whichever fits.
    """
    given = (claimed or "").encode("utf-8", "replace")
    fits = False
    for token in tokens:
        for spelling in _spellings(url):
            fits |= hmac.compare_digest(twilio_signature(token, spelling, form).encode(), given)
    return fits


def _spellings(url: str) -> tuple[str, str]:
    """The address without a port, and with one (the scheme's own unless it names another)."""
    parts = urlsplit(url)
    bare = parts.netloc.removesuffix(f":{parts.port}")
    port = parts.port or _PORTS.get(parts.scheme, 443)
    without = urlunsplit(parts._replace(netloc=bare))
    return without, urlunsplit(parts._replace(netloc=f"{bare}:{port}"))


def gateway_signature(secret: str, timestamp: str, nonce: str, body: bytes) -> str:
    """hex(HMAC-SHA256(secret, timestamp + "." + nonce + "." + body))."""
    signed = f"{timestamp}.{nonce}.".encode("utf-8", "replace") + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_from_gateway(
    secret: str, timestamp: str, nonce: str, body: bytes, claimed: str | None
) -> bool:
    """Whether the gateway signed this request."""
    expected = gateway_signature(secret, timestamp, nonce, body)
    return hmac.compare_digest(
        expected.encode(), (claimed or "").lower().encode("utf-8", "replace")
    )


def is_fresh(timestamp: str, now: datetime) -> bool:
    """Whether a Unix time in whole seconds lies within five minutes of now."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now.timestamp() - int(timestamp)) <= MAX_SKEW_S
