"""Fixtures of tests that also look at staff pages."""

from tests.support.staff import *  # noqa: F403
