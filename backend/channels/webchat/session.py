"""The chat session: an unguessable token in a cookie, signed so that only ours are accepted."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.responses import Response

COOKIE = "guanjia_chat"
_MAX_AGE_S = 90 * 24 * 3600
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class ChatSessions:
    """Issues and checks session tokens (``<random>.<mac>``)."""

    key: bytes = field(repr=False)
    is_https: bool

    def new_token(self) -> str:
        """A token nobody can guess."""
        value = secrets.token_urlsafe(_TOKEN_BYTES)
        return f"{value}.{self._mac(value)}"

    def is_ours(self, token: str | None) -> bool:
        """Whether this server (or one with the same key) issued the token."""
        value, _, mac = (token or "").partition(".")
        return bool(value) and hmac.compare_digest(mac.encode(), self._mac(value).encode())

    def set_cookie(self, response: Response, token: str, *, embedded: bool) -> None:
        """HttpOnly always; Secure on https.

        A page embedded in another site gets no Lax cookies, so over https it has a cookie of its
        own, partitioned by the embedding site.
        """
        partitioned = embedded and self.is_https
        response.set_cookie(
            COOKIE,
            token,
            max_age=_MAX_AGE_S,
            httponly=True,
            secure=self.is_https,
            samesite="none" if partitioned else "lax",
            partitioned=partitioned,
        )

    def _mac(self, value: str) -> str:
        return hmac.new(self.key, b"chat\x00" + value.encode(), hashlib.sha256).hexdigest()


def is_same_origin(origin: str | None, host: str | None, public_base_url: str) -> bool:
    """Whether a browser's ``Origin`` is this server: its own ``Host``, or the public address."""
    if not origin:
        return False
    sent = urlsplit(origin)
    public = urlsplit(public_base_url)
    if (sent.scheme, sent.netloc) == (public.scheme, public.netloc):
        return True
    return sent.scheme in ("http", "https") and bool(host) and sent.netloc == host
