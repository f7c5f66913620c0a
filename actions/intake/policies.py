"""The likely direct way: one sentence on a policy that surely fits, or none."""

from __future__ import annotations

import asyncio

from actions.backend_client import BackendClient
from actions.errors import ActionError
from actions.intake.draft import Item
from actions.saying import Say, say

_PATIENCE_S = 1.0


async def policy_hint(backend: BackendClient, items: list[Item]) -> list[Say]:
    """At most one sentence; an answer never waits longer than a second or fails for it."""
    for item in items:
        try:
            policy = await asyncio.wait_for(
                backend.policy_to_tell(item.text, item.type), _PATIENCE_S
            )
        except (ActionError, asyncio.TimeoutError):
            return []
        if policy is not None:
            name = "utter_policy_hint_sample" if policy["sample"] else "utter_policy_hint"
            return [
                say(
                    name,
                    title=policy["title"],
                    department=policy["department"],
                    procedure=policy["procedure"],
                )
            ]
    return []
