"""Errors of signing in."""

from backend.core.errors import UnauthenticatedError


class WrongCredentialsError(UnauthenticatedError):
    """Unknown account or wrong password: one answer for both; the try is counted."""

    code = "wrong_credentials"
    title = "用户名或密码不对"
    keeps_changes = True
