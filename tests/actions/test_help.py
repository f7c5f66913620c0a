"""Danger and call-backs: the citizen is never asked, never left, and never kept from reporting."""

from __future__ import annotations

from typing import Any

from actions.errors import BackendDown
from actions.help.callbacks import record_callback, take_phone
from actions.intake.draft import Draft
from tests.actions.turns import phone, turn


class RememberingBackend:
    """Remembers the tasks, or is down."""

    def __init__(self, *, down: bool = False) -> None:
        self.down = down
        self.tasks: list[dict[str, Any]] = []

    async def create_callback(self, task: dict[str, Any]) -> dict[str, Any]:
        """Keeps the task."""
        if self.down:
            raise BackendDown
        self.tasks.append(task)
        return {"id": 1}


async def test_a_task_that_could_not_be_recorded_is_not_claimed() -> None:
    down = RememberingBackend(down=True)
    assert not await record_callback(down, turn("转人工"), Draft(), "asked_for_person")  # type: ignore[arg-type]


async def test_the_number_told_after_asking_for_a_person_goes_to_the_task() -> None:
    backend, draft = RememberingBackend(), Draft(asked="callback_phone")
    sayings = await take_phone(backend, draft, turn("13800001234", phones=[phone()]))  # type: ignore[arg-type]
    assert [s.response for s in sayings] == ["utter_handover"]
    assert (backend.tasks[0]["phone"], draft.asked) == ("13800001234", None)
