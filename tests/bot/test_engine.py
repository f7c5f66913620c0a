"""The quicker engine does what Rasa's own does."""

from __future__ import annotations

from typing import Any

import dask
import pytest
from rasa.shared.core.events import ActionExecuted, Event, UserUttered

from bot import engine


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def graph(calls: list[str]) -> dict[str, Any]:
    """An input, a node that two others need, and one that needs both."""

    def node(name: str) -> Any:
        def work(*inputs: tuple[str, Any]) -> tuple[str, Any]:
            calls.append(name)
            return name, [value for _, value in inputs]

        return work

    return {
        "last": (node("last"), "left", "right"),
        "left": (node("left"), "first"),
        "right": (node("right"), "first", "text"),
        "first": (node("first"), "text"),
        "unused": (node("unused"), "text"),
        "text": ("text", "路灯坏了"),
    }


def test_the_results_are_those_of_the_scheduler(graph: dict[str, Any]) -> None:
    targets = ["last", "first"]
    assert dict(engine.run_graph(graph, targets)) == dict(dask.get(graph, targets))


def test_every_needed_node_works_once(graph: dict[str, Any], calls: list[str]) -> None:
    engine.run_graph(graph, ["last", "first"])
    assert calls == ["first", "left", "right", "last"]


def test_a_failing_node_fails_the_run(graph: dict[str, Any]) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        engine.run_graph(graph | {"first": (broken, "text")}, ["last"])


def test_a_kind_of_event_is_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.runner, "dask", dask)
    searched = Event.resolve_by_type
    engine.install()
    try:
        assert Event.resolve_by_type("user") is UserUttered
        assert Event.resolve_by_type("action") is ActionExecuted
        assert Event.resolve_by_type("unheard", Event) is Event
        with pytest.raises(ValueError, match="Unknown event name 'unheard'"):
            Event.resolve_by_type("unheard")
    finally:
        Event.resolve_by_type = staticmethod(searched)
