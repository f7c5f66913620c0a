"""Danger and call-backs: the citizen is never asked, never left, and never kept from reporting."""

from __future__ import annotations

from typing import Any

import pytest

from actions.errors import BackendDown
from actions.help.callbacks import in_danger, record_callback, stay, take_phone
from actions.intake.draft import Draft
from tests.actions.turns import phone, request, turn


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


class TestAfterDanger:
    async def test_what_is_told_later_is_passed_on_and_nothing_is_asked(self) -> None:
        backend, draft = RememberingBackend(), Draft(asked="danger")
        sayings = await stay(backend, draft, turn("我在东城", phones=[phone()]))  # type: ignore[arg-type]
        assert [s.response for s in sayings] == ["utter_danger_stay"]
        assert backend.tasks[0]["phone"] == "13800001234"

    @pytest.mark.parametrize(
        ("said", "lasts"),
        [
            pytest.param(turn("东城"), True, id="a place"),
            pytest.param(
                turn("…", "report", requests=[request("petition", "out_of_scope")]),
                True,
                id="not ours",
            ),
            pytest.param(
                turn("…", "report", requests=[request("street_light")]), False, id="a matter"
            ),
        ],
    )
    def test_danger_lasts_until_a_matter_is_reported(self, said: Any, lasts: bool) -> None:
        assert in_danger(Draft(asked="danger"), said) is lasts


async def test_a_task_that_could_not_be_recorded_is_not_claimed() -> None:
    down = RememberingBackend(down=True)
    assert not await record_callback(down, turn("转人工"), Draft(), "asked_for_person")  # type: ignore[arg-type]


async def test_the_number_told_after_asking_for_a_person_goes_to_the_task() -> None:
    backend, draft = RememberingBackend(), Draft(asked="callback_phone")
    sayings = await take_phone(backend, draft, turn("13800001234", phones=[phone()]))  # type: ignore[arg-type]
    assert [s.response for s in sayings] == ["utter_handover"]
    assert (backend.tasks[0]["phone"], draft.asked) == ("13800001234", None)
