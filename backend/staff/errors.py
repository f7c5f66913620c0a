"""Errors of signing in.

UnauthenticatedError  WrongCredentialsError
ForbiddenError        PasswordChangeNeededError, StaleFormError
BadRequestError       PasswordRefusedError
"""

from backend.core.errors import BadRequestError, ForbiddenError, UnauthenticatedError


class WrongCredentialsError(UnauthenticatedError):
    """Unknown account or wrong password: one answer for both; the try is counted."""

    code = "wrong_credentials"
    title = "用户名或密码不对"
    keeps_changes = True


class PasswordChangeNeededError(ForbiddenError):
    """The first password was handed over by somebody else and must be replaced on the page."""

    code = "password_change_needed"
    title = "请先在网页登录并修改初始密码"
    keeps_changes = True


class PasswordRefusedError(BadRequestError):
    """The present password is wrong, or the new one is too weak; ``detail`` says which."""

    code = "password_refused"
    title = "密码没有修改"
    keeps_changes = True


class StaleFormError(ForbiddenError):
    """A form without this session's token: another site sent it, or the session changed."""

    code = "stale_form"
    title = "页面放得久了，请刷新后再提交一次"
