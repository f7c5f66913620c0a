"""Fixtures of the backend's API."""

from tests.support.api import *  # noqa: F403
