"""Rasa's engine without what it works out anew at every turn.

Rasa 3.6.21 gives its graph of eight nodes to a scheduler made for clusters (threads, queues, futures: a
sixteenth of a turn's time), and searches every class of events for every event it reads.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from rasa.engine.runner import dask as runner
from rasa.shared.core.events import Event

_SEARCHED = Event.resolve_by_type


def run_graph(graph: Mapping[str, Any], targets: Sequence[str]) -> list[Any]:
    """The targets' results, each node worked once and after what it needs.

    A node is a tuple of a function and the names of the nodes whose results it takes; a tuple that
    does not begin with a function is an input and its own result.
    """
    results: dict[str, Any] = {}

    def result_of(name: str) -> Any:
        if name not in results:
            first, *needs = node = graph[name]
            results[name] = first(*map(result_of, needs)) if callable(first) else node
        return results[name]

    return [result_of(name) for name in targets]


def install() -> None:
    """Puts both into Rasa; the private channel does it when it is loaded."""
    runner.dask = SimpleNamespace(get=run_graph)
    Event.resolve_by_type = staticmethod(_known_type)


@functools.cache
def _known_type(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    found: type[Event] | None = _SEARCHED(type_name, default)
    return found
