"""What the action server reads from its environment, once."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Where the backend is and how to prove who we are; times in seconds."""

    backend_url: str
    service_token: str
    timeout_s: float = 4.0

    @classmethod
    def from_env(cls) -> Settings:
        """Reads GUANJIA_BACKEND_URL and GUANJIA_SERVICE_TOKEN.

        Raises:
            KeyError: a variable is missing; `make run` writes both.
        """
        return cls(
            os.environ["GUANJIA_BACKEND_URL"].rstrip("/"), os.environ["GUANJIA_SERVICE_TOKEN"]
        )
