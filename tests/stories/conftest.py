"""The whole product for the stories: model, Rasa, actions, backend, worker, a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.env_file import ROOT
from scripts.processes import Child
from scripts.temporary_stack import temporary_stack
from tests.stories.play import Stack
from tests.support.chromium import browser

__all__ = ["browser"]


@dataclass(frozen=True)
class RunningStack(Stack):
    """A stack whose processes a story may end and start again."""

    children: dict[str, Child]
    rasa_token: str

    def turn(self, sender: str, number: int, text: str, *, again: bool = False) -> dict[str, Any]:
        """One turn as the worker asks for it; ``again``: it may have been worked before."""
        answer: dict[str, Any] = httpx.post(
            f"{self.rasa_url}/webhooks/guanjia/message",
            json={
                "conversation_id": sender,
                "message_id": f"webchat:{number}",
                "channel": "webchat",
                "text": text,
                "repeat": again,
            },
            headers={"Authorization": f"Bearer {self.rasa_token}"},
            timeout=30,
        ).json()
        return answer


@pytest.fixture(scope="session")
def stack() -> Iterator[RunningStack]:
    """Starts everything beside whatever else runs on this machine."""
    with temporary_stack(ROOT / "var" / "stories") as running:
        yield RunningStack(
            running.rasa_url,
            running.backend_url,
            running.settings["GUANJIA_SERVICE_TOKEN"],
            running.settings["GUANJIA_STAFF_PASSWORD_CITY"],
            running.children,
            running.settings["GUANJIA_RASA_TOKEN"],
        )


def dialogue_files() -> list[Path]:
    """Dialogue files of the project, and the development ones where they lie beside it."""
    own = sorted((ROOT / "tests" / "stories" / "dialogues").glob("*.jsonl"))
    return [*own, *sorted((ROOT.parent / "shared" / "data" / "dev").glob("dialogues*.jsonl"))]
