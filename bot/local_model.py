"""The trained assistant in this process, for batches and measurements; no server, no actions."""

from __future__ import annotations

import logging
import uuid
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.utils.log_utils import configure_structlog

from bot.turns import MAX_TEXT_CHARS, as_plain_text

MODELS = Path(__file__).resolve().parents[1] / "models"


class NoModelError(FileNotFoundError):
    """There is no trained model: run `make train`."""


def newest_model(folder: Path = MODELS) -> Path:
    """The model file written last."""
    found = sorted(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise NoModelError(f"no model in {folder}: run make train")
    return found[-1]


class LocalModel:
    """Understands texts as the server's parse address does."""

    def __init__(self, path: Path) -> None:
        # Rasa logs every text at debug level: citizens' words do not belong into logs
        configure_structlog(logging.WARNING)
        self._agent = Agent.load(str(path))

    async def parse(self, text: str, kind: str = "message") -> dict[str, Any]:
        """Keys `triage`, `facts`, `intent`; `kind` is message or transcript.

        Of a text over the limit of the service the beginning is read.
        """
        text = text[:MAX_TEXT_CHARS]
        if not as_plain_text(text):
            return {"triage": {"requests": [], "alerts": [], "sensitive": []}, "facts": {}}
        # a leading slash would be read as a command; one blank keeps every offset
        safe = " " + text[1:] if text[0] in "/／" else text
        message = UserMessage(safe, sender_id=uuid.uuid4().hex, metadata={"kind": kind})
        parsed: dict[str, Any] = await self._agent.processor.parse_message(message)
        return {key: parsed.get(key) for key in ("triage", "facts", "intent")}
