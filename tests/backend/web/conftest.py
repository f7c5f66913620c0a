"""Fixtures of page tests without a browser."""

from tests.support.staff import *  # noqa: F403
