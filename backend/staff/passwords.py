"""Password hashes: argon2id, checked off the event loop."""

import asyncio
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

_hasher = PasswordHasher()
MIN_CHARS = 10
_MIN_DIFFERENT = 5


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


def password_weakness(new: str, username: str, present: str) -> str | None:
    """Why a new password is too weak, in a sentence for the page; None if it is fine."""
    if len(new) < MIN_CHARS:
        return f"新密码至少 {MIN_CHARS} 个字符"
    if new == present:
        return "新密码要和现在的不一样"
    if username.lower() in new.lower():
        return "新密码里不要带用户名"
    if len(set(new)) < _MIN_DIFFERENT:
        return "新密码太简单，请少用重复的字符"
    return None
