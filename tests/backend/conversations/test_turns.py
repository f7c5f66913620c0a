"""A message's way: stored once, answered in order, whatever dies."""

import asyncio
import random
import uuid

import psycopg
import pytest

from tests.support.assistant import FakeAssistant
from tests.support.chat_client import Citizen
from tests.support.postgres import libpq
from tests.support.processes import Process

OUTAGE = "已经保存好了"


def count(database: str, query: str) -> int:
    with psycopg.connect(libpq(database)) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.usefixtures("worker_process")
class TestAnswering:
    async def test_the_answer_comes_with_its_buttons(
        self, assistant: FakeAssistant, citizen: Citizen
    ) -> None:
        assistant.answers["路灯坏了"] = [
            {"text": "在哪里？", "buttons": [{"title": "上沙社区", "payload": "上沙"}]}
        ]
        await citizen.open()
        sent = await citizen.say("路灯坏了")
        assert (await citizen.next("ack"))["id"] == sent
        answer = await citizen.hears("在哪里？")
        assert answer["buttons"] == [{"title": "上沙社区", "payload": "上沙"}]
        heard = assistant.heard[0]
        assert (heard["channel"], heard["text"]) == ("webchat", "路灯坏了")
        assert "payload" not in heard
        assert citizen.cookie not in str(heard)

    async def test_messages_are_answered_one_at_a_time_in_order(
        self, assistant: FakeAssistant, citizen: Citizen
    ) -> None:
        assistant.delay_s = 0.1
        await citizen.open()
        said = [f"第{number}句" for number in range(8)]
        for text in said:
            await citizen.say(text)
        await citizen.hears("收到：第7句")
        assert assistant.texts() == said
        assert citizen.bot_texts() == [f"收到：{text}" for text in said]
        numbers = [entry["seq"] for entry in citizen.transcript()]
        assert numbers == sorted(set(numbers))

    async def test_a_message_sent_again_changes_nothing(
        self, assistant: FakeAssistant, citizen: Citizen
    ) -> None:
        await citizen.open()
        sent = await citizen.say("路灯坏了")
        await citizen.hears("收到：路灯坏了")
        for _ in range(3):
            await citizen.say("路灯坏了", message_id=sent)
            await citizen.next("ack")
        await citizen.say("还有别的")
        await citizen.hears("收到：还有别的")
        assert assistant.texts() == ["路灯坏了", "还有别的"]

    async def test_an_answer_without_messages_ends_the_turn(
        self, assistant: FakeAssistant, citizen: Citizen
    ) -> None:
        assistant.answers["嗯"] = []
        await citizen.open()
        await citizen.say("嗯")
        while citizen.frames[-1].get("activity") != "idle" or len(citizen.frames) < 3:
            await citizen.next("messages")
        assert citizen.bot_texts() == []


@pytest.mark.usefixtures("worker_process")
class TestOutage:
    @pytest.mark.parametrize("how", ["500", "failed", "garbage"])
    async def test_the_citizen_is_told_once_and_answered_later(
        self, assistant: FakeAssistant, citizen: Citizen, how: str
    ) -> None:
        assistant.broken = how
        await citizen.open()
        await citizen.say("路灯坏了")
        notice = await citizen.hears(OUTAGE)
        assert "还没有登记" in notice["text"]
        assert citizen.frames[-1]["activity"] == "delayed"
        await citizen.say("在上沙")
        await assistant.has_heard(2)
        assistant.broken = None
        await citizen.hears("收到：在上沙", within_s=20)
        told = [text for text in citizen.bot_texts() if OUTAGE in text]
        assert len(told) == 1
        assert citizen.bot_texts()[1:] == ["收到：路灯坏了", "收到：在上沙"]

    async def test_a_refused_connection_and_a_silent_assistant_are_outages_too(
        self, assistant: FakeAssistant, citizen: Citizen
    ) -> None:
        await citizen.open()
        with assistant.unreachable():
            await citizen.say("路灯坏了")
            await citizen.hears(OUTAGE)
        await citizen.hears("收到：路灯坏了", within_s=20)
        assistant.broken = "hang"
        await citizen.say("又坏了")
        while len([text for text in citizen.bot_texts() if OUTAGE in text]) < 2:
            await citizen.next("messages")
        assistant.broken = None
        await citizen.hears("收到：又坏了", within_s=20)


class TestKilledWorker:
    async def test_a_turn_cut_in_the_middle_is_answered_once(
        self,
        assistant: FakeAssistant,
        citizen: Citizen,
        worker_process: Process,
        test_database: str,
    ) -> None:
        assistant.delay_s = 1.0
        await citizen.open()
        await citizen.say("路灯坏了")
        await citizen.say("在上沙")
        await assistant.has_heard(1)
        worker_process.kill()
        assistant.delay_s = 0.0
        worker_process.start()
        await citizen.hears("收到：在上沙", within_s=20)
        assert citizen.bot_texts() == ["收到：路灯坏了", "收到：在上沙"]
        first, again, *_ = assistant.heard
        assert first["message_id"] == again["message_id"]
        assert (first.get("repeat"), again.get("repeat")) == (None, True)
        assert not count(
            test_database, "select count(*) from inbound_message where turn_state = 'queued'"
        )

    @pytest.mark.slow
    async def test_killed_at_random_moments_nothing_is_lost_or_said_twice(
        self, assistant: FakeAssistant, citizen: Citizen, worker_process: Process
    ) -> None:
        chance = random.Random(7)
        assistant.delay_s = 0.05
        await citizen.open()
        said = [f"第{number}件" for number in range(12)]
        for position, text in enumerate(said):
            await citizen.say(text)
            if position % 3 == 0:
                await asyncio.sleep(chance.uniform(0, 0.25))
                worker_process.kill()
                worker_process.start()
        await citizen.hears("收到：第11件", within_s=60)
        assert citizen.bot_texts() == [f"收到：{text}" for text in said]

    async def test_a_stopped_worker_finishes_its_turn_first(
        self, assistant: FakeAssistant, citizen: Citizen, worker_process: Process
    ) -> None:
        assistant.delay_s = 0.8
        await citizen.open()
        await citizen.say("路灯坏了")
        await assistant.has_heard(1)
        assert worker_process.stop() == 0
        await citizen.hears("收到：路灯坏了")
        worker_process.start()
        assert len(assistant.heard) == 1


class TestAtRest:
    @pytest.mark.usefixtures("worker_process")
    async def test_the_database_holds_no_readable_words(
        self, assistant: FakeAssistant, citizen: Citizen, test_database: str
    ) -> None:
        word = f"秘密{uuid.uuid4().hex}"
        await citizen.open()
        await citizen.say(word)
        await citizen.hears(word)
        for table in ("inbound_message", "outbound_message", "conversation", "procrastinate_jobs"):
            everything = count(test_database, f"select count(*) from {table}")  # noqa: S608
            assert everything
            found = count(
                test_database,
                f"select count(*) from {table} t where t::text like '%{word}%'",  # noqa: S608
            )
            assert not found
