"""Password hashes: argon2id, checked off the event loop."""

import asyncio
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """An argon2id hash with its parameters in it; takes tens of milliseconds on purpose."""
    return _hasher.hash(password)


def check_password(password: str, password_hash: str) -> bool:
    """Whether the password fits."""
    try:
        return _hasher.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    return hash_password("nobody")


async def check_or_pretend(password: str, password_hash: str | None) -> bool:
    """Check in a thread; for an unknown account spend the same time and say no."""
    fits = await asyncio.to_thread(check_password, password, password_hash or _nobody())
    return fits and password_hash is not None
