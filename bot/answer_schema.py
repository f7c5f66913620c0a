"""Checks what the action server answers against a schema that is itself checked only once.

Rasa 3.6.21 calls `jsonschema.validate`, which proves the schema against its meta-schema at every
action: half of a turn's time. The check of the answer stays the same, error and all.
"""

from __future__ import annotations

from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction

_SCHEMA = RemoteAction.action_response_format_spec()
_VALIDATOR = validator_for(_SCHEMA)(_SCHEMA)


def validate_answer(action: RemoteAction, result: dict[str, Any]) -> bool:
    """True for a valid answer.

    Raises:
        jsonschema.ValidationError: the answer is not what an action server may send.
    """
    _VALIDATOR.validate(result)
    return True


def install() -> None:
    """Puts the check into Rasa; the private channel does it when it is loaded."""
    RemoteAction._validate_action_result = validate_answer
