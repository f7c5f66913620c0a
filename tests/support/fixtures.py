"""Fixtures for tests of the conversation path; a ``conftest.py`` imports them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from backend.core.resources import Resources, build_resources
from backend.settings import Settings, load_settings
from tests.support.assistant import FakeAssistant
from tests.support.chat_client import Citizen
from tests.support.postgres import fresh_database
from tests.support.processes import Process, chat_server, free_port, worker
from tests.support.settings import environment

EMBEDDING_PORT = free_port()

__all__ = [
    "EMBEDDING_PORT",
    "_assistant_server",
    "_worker",
    "assistant",
    "chat_address",
    "citizen",
    "logs",
    "process_environment",
    "resources",
    "server",
    "settings",
    "test_database",
    "worker_process",
]


@pytest.fixture(scope="session")
def test_database() -> Iterator[str]:
    """A migrated database for this run."""
    with fresh_database() as url:
        yield url


@pytest.fixture(scope="session")
def _assistant_server() -> Iterator[FakeAssistant]:
    fake = FakeAssistant()
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def assistant(_assistant_server: FakeAssistant) -> FakeAssistant:
    """The assistant's stand-in, working and without memories."""
    fake = _assistant_server
    fake.broken, fake.delay_s = None, 0.0
    fake.answers.clear()
    fake.readings.clear()
    fake.heard.clear()
    return fake


@pytest.fixture(scope="session")
def process_environment(test_database: str, _assistant_server: FakeAssistant) -> dict[str, str]:
    """Environment of processes under test."""
    return environment(
        test_database,
        GUANJIA_RASA_URL=_assistant_server.url,
        GUANJIA_ASSISTANT_TIMEOUT_S="2",
        GUANJIA_EMBED_ORIGINS=f"http://localhost:{EMBEDDING_PORT}",
    )


@pytest.fixture
def settings(process_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The same settings in this process."""
    for name, value in process_environment.items():
        monkeypatch.setenv(name, value)
    return load_settings(_env_file=None)


@pytest_asyncio.fixture(loop_scope="function")
async def resources(settings: Settings, test_database: str) -> AsyncIterator[Resources]:
    """Connections of this process."""
    built = build_resources(settings, test_database)
    yield built
    await built.close()


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where processes under test write."""
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
def server(process_environment: dict[str, str], logs: Path) -> Iterator[Process]:
    """A running backend that serves the chat."""
    port = free_port()
    process = chat_server(process_environment, logs / "server.log", port)
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def chat_address(server: Process) -> str:
    """``http://127.0.0.1:<port>`` of the running backend."""
    assert server.ready_url is not None
    return server.ready_url.removesuffix("/chat")


@pytest.fixture(scope="session")
def _worker(process_environment: dict[str, str], logs: Path) -> Iterator[Process]:
    process = worker(process_environment, logs / "worker.log")
    process.start()
    yield process
    process.stop()


@pytest.fixture
def worker_process(_worker: Process) -> Process:
    """A running worker; tests that end it must start it again."""
    return _worker


@pytest_asyncio.fixture(loop_scope="function")
async def citizen(chat_address: str) -> AsyncIterator[Citizen]:
    """A new citizen with a session of their own."""
    person = await Citizen.with_new_session(chat_address)
    yield person
    await person.leave()
