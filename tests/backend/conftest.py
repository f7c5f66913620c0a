"""Fixtures of the backend's API."""

from tests.support.api import *  # noqa: F403
from tests.support.notices import case, office, page  # noqa: F401
