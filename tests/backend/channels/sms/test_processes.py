"""The whole path between real processes: webhook, worker, assistant, Twilio's stand-in, callbacks."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from scripts.fake_twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio
from scripts.simulate_sms import Telephone
from tests.support.assistant import FakeAssistant
from tests.support.postgres import libpq
from tests.support.processes import Process, chat_server, free_port, worker


@pytest.fixture(scope="module")
def stand_in() -> Iterator[FakeTwilio]:
    fake = FakeTwilio(hangs_for_s=3.0)
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture(scope="module")
def environment(process_environment: dict[str, str], stand_in: FakeTwilio) -> dict[str, str]:
    port = str(free_port())
    return process_environment | {
        "GUANJIA_PORT": port,
        "GUANJIA_PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "GUANJIA_SMS_PROVIDER": "twilio",
        "GUANJIA_SMS_TIMEOUT_S": "2",
        "GUANJIA_TWILIO_API_URL": stand_in.url,
        "GUANJIA_TWILIO_ACCOUNT_SID": ACCOUNT,
        "GUANJIA_TWILIO_AUTH_TOKEN": TOKEN,
        "GUANJIA_TWILIO_SENDER": SENDER,
    }


@pytest.fixture(scope="module")
def sms_worker(environment: dict[str, str], logs: Path) -> Iterator[Process]:
    process = worker(environment, logs / "sms-worker.log")
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def telephone(environment: dict[str, str], logs: Path) -> Iterator[Telephone]:
    port = int(environment["GUANJIA_PORT"])
    server = chat_server(environment, logs / "sms-server.log", port)
    server.start()
    public = environment["GUANJIA_PUBLIC_BASE_URL"]
    yield Telephone(public, public)
    server.stop()


async def until(happened: Callable[[], bool], within_s: float = 15.0) -> None:
    deadline = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.05)


def states(database: str) -> list[str]:
    with psycopg.connect(libpq(database)) as connection:
        rows = connection.execute(
            "select o.state from outbound_message o join conversation c on c.id = o.conversation_id"
            " where c.channel = 'sms' order by o.id"
        ).fetchall()
    return [str(row[0]) for row in rows]


@pytest.mark.usefixtures("sms_worker")
class TestConversation:
    async def test_an_intake_by_text_message(
        self,
        assistant: FakeAssistant,
        telephone: Telephone,
        stand_in: FakeTwilio,
        test_database: str,
    ) -> None:
        assistant.answers["路灯坏了"] = [{"text": "在哪个村（社区）？", "buttons": []}]
        assistant.answers["上沙"] = [{"text": "登记好了。" * 60, "buttons": []}]
        stand_in.callback_order = lambda order: list(reversed(order))
        assert await asyncio.to_thread(telephone.text, "路灯坏了") == 200
        assert await asyncio.to_thread(telephone.again) == 200
        await until(lambda: len(stand_in.messages) == 1)
        assert await asyncio.to_thread(telephone.text, "上沙") == 200
        await until(lambda: len(stand_in.messages) == 4)
        assert stand_in.bodies()[0] == "【莞家】在哪个村（社区）？"
        assert [body[:9] for body in stand_in.bodies()[1:]] == [
            f"【莞家】({part}/3)" for part in (1, 2, 3)
        ]
        assert assistant.texts() == ["路灯坏了", "上沙"]
        assert {heard["channel"] for heard in assistant.heard} == {"sms"}
        assert telephone.phone not in str(assistant.heard)
        assert {heard["metadata"]["number_known"] for heard in assistant.heard} == {True}
        await until(lambda: states(test_database) == ["delivered"] * 4)

    async def test_a_forged_message_is_refused(
        self, assistant: FakeAssistant, telephone: Telephone
    ) -> None:
        await asyncio.to_thread(telephone.text, "退订")
        assert await asyncio.to_thread(telephone.again, "another-token") == 403
        assert assistant.heard == []

    @pytest.mark.slow
    async def test_a_worker_killed_while_sending_sends_nothing_twice(
        self,
        assistant: FakeAssistant,
        telephone: Telephone,
        stand_in: FakeTwilio,
        sms_worker: Process,
    ) -> None:
        assistant.answers["灯修好了吗"] = [{"text": "在查了。", "buttons": []}]
        stand_in.posts_callbacks = False
        stand_in.do_next("made")
        before = len(stand_in.messages)
        await asyncio.to_thread(telephone.text, "灯修好了吗")
        await until(lambda: len(stand_in.messages) == before + 1)
        sms_worker.kill()
        sms_worker.start()
        await asyncio.to_thread(telephone.text, "灯修好了吗")
        await until(lambda: len(stand_in.messages) == before + 2, within_s=45)
        stand_in.posts_callbacks = True
        assert stand_in.bodies()[before:] == ["【莞家】在查了。"] * 2
