"""The desk in this process, with a real HTTP server in the assistant's place."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio
from fastapi import FastAPI

from backend.core.resources import Resources
from tests.support.api import *  # noqa: F403
from tests.support.assistant import FakeAssistant
from tests.support.readings import (
    BURNING,
    CALL,
    DRAIN,
    FIRE,
    LAMP,
    TUITION,
    TWO_MATTERS,
    reading,
)
from tests.support.staff import *  # noqa: F403
from tests.support.staff import Browser, OpenBrowser


@pytest.fixture
def assistant() -> Iterator[FakeAssistant]:
    """Knows how to read the calls of ``tests.support.readings``."""
    fake = FakeAssistant()
    fake.readings = {
        "路灯坏了半个月": reading(CALL, LAMP),
        "两件事": reading(TWO_MATTERS, DRAIN, TUITION),
        "着火了": reading(FIRE, BURNING, alerts=("fire",)),
    }
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def desk_resources(app: FastAPI, api_resources: Resources, assistant: FakeAssistant) -> Resources:
    """Resources that reach the assistant's stand-in."""
    settings = api_resources.settings.model_copy(update={"rasa_url": assistant.url})
    app.state.resources = replace(api_resources, settings=settings)
    resources: Resources = app.state.resources
    return resources


@pytest_asyncio.fixture(loop_scope="function")
async def agent(desk_resources: Resources, open_browser: OpenBrowser) -> AsyncIterator[Browser]:
    """A hotline agent's browser."""
    yield await open_browser("hotline")
