"""Fixtures of the conversation path."""

from tests.support.fixtures import *  # noqa: F403
