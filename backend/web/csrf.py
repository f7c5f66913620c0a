"""Proof that a form was ours: a random cookie, and its MAC in a hidden field."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from starlette.responses import Response

from backend.settings import Settings

COOKIE = "guanjia_form"


@dataclass(frozen=True, slots=True)
class FormGuard:
    """Makes and checks the pair of cookie and hidden field."""

    key: bytes = field(repr=False)
    is_https: bool

    def field_for(self, cookie: str) -> str:
        """The hidden field that belongs to a cookie."""
        return hmac.new(self.key, b"form\x00" + cookie.encode(), hashlib.sha256).hexdigest()

    def issue(self, response: Response, cookie: str) -> None:
        """Set the cookie; ``Lax`` keeps it from foreign posts."""
        response.set_cookie(COOKIE, cookie, httponly=True, secure=self.is_https, samesite="lax")

    def fits(self, cookie: str | None, sent: str) -> bool:
        """Whether the hidden field belongs to the cookie."""
        expected = self.field_for(cookie or "")
        return bool(cookie) and hmac.compare_digest(expected.encode(), sent.encode())


def form_guard(settings: Settings) -> FormGuard:
    """The guard of this installation."""
    return FormGuard(
        key=settings.session_key.get_secret_value().encode(),
        is_https=settings.public_base_url.startswith("https://"),
    )


def new_cookie() -> str:
    """A random value for the cookie."""
    return secrets.token_urlsafe(24)
