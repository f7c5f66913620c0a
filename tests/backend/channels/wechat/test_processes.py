"""A running backend and worker between the platform and its API."""

import asyncio
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import psycopg
import pytest

from scripts.wechat.platform import Platform
from scripts.wechat.stand_in import APP_ID, SECRET, StandIn
from tests.backend.channels.wechat.conftest import AES_KEY, TOKEN
from tests.support.assistant import FakeAssistant
from tests.support.postgres import fresh_database, libpq
from tests.support.processes import Process, chat_server, free_port, worker
from tests.support.settings import environment

SETTLED_WITHIN_S = 60.0


@pytest.fixture(scope="module")
def address_of_database() -> Iterator[str]:
    with fresh_database() as url:
        yield url


@pytest.fixture(scope="module")
def surroundings(
    address_of_database: str, _assistant_server: FakeAssistant, _stand_in: StandIn
) -> dict[str, str]:
    return environment(
        address_of_database,
        GUANJIA_RASA_URL=_assistant_server.url,
        GUANJIA_ASSISTANT_TIMEOUT_S="5",
        GUANJIA_WECHAT_APP_ID=APP_ID,
        GUANJIA_WECHAT_SECRET=SECRET,
        GUANJIA_WECHAT_TOKEN=TOKEN,
        GUANJIA_WECHAT_AES_KEY=AES_KEY,
        GUANJIA_WECHAT_API_URL=_stand_in.url,
        GUANJIA_WECHAT_PASSIVE_WAIT_S="2",
    )


@pytest.fixture(scope="module")
def backend(
    surroundings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    process = chat_server(surroundings, _log(tmp_path_factory, "backend"), free_port())
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def jobs(
    surroundings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    process = worker(surroundings, _log(tmp_path_factory, "worker"))
    process.start()
    yield process
    process.stop()


def _log(folders: pytest.TempPathFactory, name: str) -> Path:
    return folders.mktemp("wechat") / f"{name}.log"


@pytest.fixture
def platform(backend: Process) -> Platform:
    """A new citizen's WeChat, in secure mode."""
    assert backend.ready_url is not None
    url = backend.ready_url.replace("/chat", "/webhooks/wechat")
    return Platform(url, APP_ID, TOKEN, AES_KEY)


def states(database: str) -> dict[str, int]:
    """How many messages to citizens are in which state."""
    with psycopg.connect(libpq(database)) as connection:
        query = "select state, count(*) from outbound_message group by state"
        return {str(state): int(count) for state, count in connection.execute(query).fetchall()}


def open_turns(database: str) -> int:
    """How many messages of citizens wait for their answer."""
    with psycopg.connect(libpq(database)) as connection:
        query = "select count(*) from inbound_message where turn_state = 'queued'"
        return sum(int(count) for (count,) in connection.execute(query).fetchall())


async def settled(database: str) -> dict[str, int]:
    """The states once nothing waits any more."""
    deadline = asyncio.get_running_loop().time() + SETTLED_WITHIN_S
    while open_turns(database) or (found := states(database)).get("queued"):
        assert asyncio.get_running_loop().time() < deadline, states(database)
        await asyncio.sleep(0.1)
    return found


@pytest.mark.usefixtures("jobs")
class TestFiveSeconds:
    async def test_a_quick_answer_is_the_reply(
        self, assistant: FakeAssistant, stand_in: StandIn, platform: Platform
    ) -> None:
        text = await asyncio.to_thread(platform.send, platform.message("text", Content="路灯坏了"))
        assert text == "收到：路灯坏了"
        assert not stand_in.sent

    async def test_a_slow_one_comes_by_the_api(
        self, assistant: FakeAssistant, stand_in: StandIn, platform: Platform
    ) -> None:
        assistant.delay_s = 3.5
        fields = platform.message("text", Content="路灯坏了")
        assert await asyncio.to_thread(platform.send, fields) is None
        (sent,) = await asyncio.to_thread(stand_in.wait_for, 1)
        assert (sent.text, sent.body["touser"]) == ("收到：路灯坏了", platform.openid)
        assert platform.tries == 1

    async def test_repeated_callbacks_are_answered_once(
        self,
        assistant: FakeAssistant,
        stand_in: StandIn,
        platform: Platform,
        address_of_database: str,
    ) -> None:
        assistant.delay_s = 0.3
        fields = platform.message("text", Content="一件事")
        replies = await asyncio.gather(
            *(asyncio.to_thread(platform.send, fields) for _ in range(4))
        )
        assert set(replies) <= {"收到：一件事", None}
        assert "收到：一件事" in replies
        await settled(address_of_database)
        assert not stand_in.sent
        assert assistant.texts() == ["一件事"]

    async def test_who_hangs_up_is_answered_by_the_api(
        self, assistant: FakeAssistant, stand_in: StandIn, platform: Platform
    ) -> None:
        """The line breaks and nobody repeats the callback: the answer must not go into it."""
        assistant.delay_s = 0.5
        request = platform.request(platform.message("text", Content="路灯坏了"))
        async with httpx.AsyncClient(trust_env=False) as http:
            with pytest.raises(httpx.ReadTimeout):
                await http.post(
                    platform.url, params=request.query, content=request.body, timeout=0.25
                )
        (sent,) = await asyncio.to_thread(stand_in.wait_for, 1)
        assert sent.text == "收到：路灯坏了"

    async def test_a_callback_that_breaks_off_is_no_fault_of_ours(
        self, stand_in: StandIn, platform: Platform, backend: Process
    ) -> None:
        host, port = platform.url.split("/")[2].split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /webhooks/wechat?{urlencode(platform.request({}).query)} HTTP/1.1"
        writer.write(f"{head}\r\nHost: {host}\r\nContent-Length: 500\r\n\r\n<xml>".encode())
        await writer.drain()
        await asyncio.sleep(0.2)
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0.3)
        assert "unhandled_error" not in backend.log.read_text()

    async def test_a_long_answer_goes_on_by_the_api(
        self, assistant: FakeAssistant, stand_in: StandIn, platform: Platform
    ) -> None:
        assistant.answers["说长点"] = [{"text": "这是一句话。" * 200, "buttons": []}]
        first = await asyncio.to_thread(platform.send, platform.message("text", Content="说长点"))
        (second,) = await asyncio.to_thread(stand_in.wait_for, 1)
        assert f"{first}{second.text}" == "这是一句话。" * 200

    async def test_the_card_goes_along_to_the_assistant(
        self, assistant: FakeAssistant, platform: Platform
    ) -> None:
        scan = platform.event("SCAN", EventKey="441900119003")
        await asyncio.to_thread(platform.send, scan)
        await asyncio.to_thread(platform.send, platform.message("text", Content="路灯坏了"))
        assert assistant.heard[-1]["metadata"] == {"card_village": "441900119003"}


class TestKilledWorker:
    async def test_between_sending_and_marking_nothing_is_sent_twice(
        self,
        assistant: FakeAssistant,
        stand_in: StandIn,
        platform: Platform,
        jobs: Process,
        address_of_database: str,
    ) -> None:
        assistant.delay_s, stand_in.hang_s = 3.0, 1.5
        taken = threading.Event()
        stand_in.on_send = lambda _: taken.set()
        await asyncio.to_thread(platform.send, platform.message("text", Content="路灯坏了"))
        await asyncio.to_thread(taken.wait, 10)
        jobs.kill()
        stand_in.hang_s = 0.0
        jobs.start()
        found = await settled(address_of_database)
        assert found.get("unknown") == 1
        assert len(stand_in.sent) == 1

    @pytest.mark.slow
    async def test_at_random_moments_nothing_is_lost_or_said_twice(
        self,
        assistant: FakeAssistant,
        stand_in: StandIn,
        platform: Platform,
        jobs: Process,
        address_of_database: str,
    ) -> None:
        """Every answer reaches the citizen once, or is marked as unknown for staff to see."""
        before = states(address_of_database).get("unknown", 0)
        chance = random.Random(5)
        assistant.delay_s = 0.02
        heard: list[str] = []
        said = [f"第{number}件" for number in range(15)]
        for position, text in enumerate(said):
            waiting = asyncio.to_thread(platform.send, platform.message("text", Content=text))
            killing = asyncio.create_task(_kill_soon(jobs, chance)) if position % 3 == 0 else None
            heard += [reply for reply in [await waiting] if reply]
            if killing:
                await killing
        found = await settled(address_of_database)
        heard += [line for message in stand_in.sent for line in message.text.split("\n")]
        unknown = found.get("unknown", 0) - before
        assert len(heard) == len(set(heard)), "said twice"
        assert not found.get("failed")
        assert len(set(heard) & {f"收到：{text}" for text in said}) >= len(said) - unknown


async def _kill_soon(jobs: Process, chance: random.Random) -> None:
    await asyncio.sleep(chance.uniform(0, 0.15))
    await asyncio.to_thread(jobs.kill)
    await asyncio.to_thread(jobs.start)
