"""How an action speaks: names of responses with their values, never a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

Button = dict[str, str]


@dataclass(frozen=True)
class Say:
    """One response of domain.yml and what fills its gaps."""

    response: str
    values: Mapping[str, Any] = field(default_factory=dict)
    buttons: tuple[Button, ...] = ()


def say(response: str, *, options: Iterable[str] = (), **values: Any) -> Say:
    """A response; `options` become numbered lines in `{options}` and buttons that send the number."""
    choices = list(options)
    if choices:
        values["options"] = "\n".join(f"{n} {label}" for n, label in enumerate(choices, 1))
    buttons = tuple({"title": label, "payload": str(n)} for n, label in enumerate(choices, 1))
    return Say(response, values, buttons)


def speak(dispatcher: CollectingDispatcher, sayings: Iterable[Say]) -> None:
    """Hands the responses to Rasa, which words them for the citizen's channel."""
    for saying in sayings:
        dispatcher.utter_message(
            response=saying.response, buttons=list(saying.buttons) or None, **saying.values
        )


def speak_later(dispatcher: CollectingDispatcher) -> None:
    """Tells the citizen that nothing is filed yet, and the caller to send this turn again."""
    dispatcher.utter_message(response="utter_backend_down", json_message={"retry": True})
