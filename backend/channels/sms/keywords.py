"""Words that are commands when they are the whole message. Pure."""

import re
import unicodedata
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("keywords.yml")
_NOISE = re.compile(r"[\s\W_]+")


class Command(StrEnum):
    """What a keyword asks for."""

    STOP = "stop"
    STOP_BY_TWILIO = "stop_by_twilio"
    START = "start"
    START_BY_TWILIO = "start_by_twilio"
    HELP = "help"
    HELP_BY_TWILIO = "help_by_twilio"
    WRONG_NUMBER = "wrong_number"
    PROGRESS = "progress"
    PERSON = "person"


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return words


@cache
def _by_word() -> dict[str, Command]:
    return {_plain(word): command for command in Command for word in _words()[command.value]}


def read_command(text: str) -> Command | None:
    """The command, if the whole message is one keyword."""
    return _by_word().get(_plain(text))


def said_as(command: Command) -> str | None:
    """The sentence the assistant hears for this command; ``None`` if it does not hear of it."""
    said: str | None = _words()["said_as"].get(command.value)
    return said


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _NOISE.sub("", folded) or folded.strip()
