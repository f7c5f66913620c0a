"""The chat page's WebSocket: who may come in, what is refused, what is shown again."""

import json

import httpx
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from backend.channels.webchat.session import COOKIE, ChatSessions, is_same_origin
from tests.support.assistant import FakeAssistant
from tests.support.chat_client import Citizen
from tests.support.postgres import libpq


class TestSession:
    sessions = ChatSessions(key=b"k" * 32, is_https=True)

    def test_tokens_are_ours_and_never_the_same(self) -> None:
        tokens = {self.sessions.new_token() for _ in range(100)}
        assert len(tokens) == 100
        assert all(self.sessions.is_ours(token) for token in tokens)

    @pytest.mark.parametrize("token", [None, "", ".", "abc", "abc.def", "学.校"])
    def test_invented_tokens_are_not(self, token: str | None) -> None:
        assert not self.sessions.is_ours(token)

    @pytest.mark.parametrize(
        ("origin", "host", "is_same"),
        [
            ("https://chat.dg.gov.cn", "127.0.0.1:8000", True),
            ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
            ("http://chat.dg.gov.cn", "x", False),
            ("https://evil.example", "chat.dg.gov.cn", False),
            ("null", "chat.dg.gov.cn", False),
            (None, "chat.dg.gov.cn", False),
            ("", "", False),
        ],
    )
    def test_same_origin(self, origin: str | None, host: str, is_same: bool) -> None:
        assert is_same_origin(origin, host, "https://chat.dg.gov.cn/") is is_same

    async def test_the_cookie_is_out_of_reach_of_scripts(self, chat_address: str) -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            response = await http.get(f"{chat_address}/chat")
        cookie = response.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie


class TestDoor:
    async def test_a_foreign_origin_is_refused(self, citizen: Citizen) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await citizen.open(origin="https://evil.example")
        assert refused.value.response.status_code == 403

    async def test_an_invented_session_is_refused(self, citizen: Citizen) -> None:
        citizen.cookie = "invented.token"
        with pytest.raises(ConnectionClosed) as refused:
            await citizen.open()
        assert refused.value.rcvd is not None
        assert refused.value.rcvd.code == 4401

    @pytest.mark.parametrize(
        "raw",
        [
            "not json",
            "[]",
            '{"type": "intent"}',
            '{"type": "message"}',
            b"\x00\x01",
            '{"type":"message","id":"../../etc","text":"x"}',
            json.dumps({"type": "message", "id": "a" * 8, "text": "x" * 70_000}),
        ],
    )
    async def test_what_is_not_our_protocol_closes_the_page(
        self, citizen: Citizen, raw: str | bytes
    ) -> None:
        await citizen.open()
        assert citizen.page is not None
        await citizen.page.send(raw)
        with pytest.raises(ConnectionClosed) as closed:
            await citizen.next("ack")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code in (1008, 1009)


@pytest.mark.usefixtures("worker_process")
class TestRefusals:
    async def test_2000_characters_are_taken(
        self, assistant: FakeAssistant, citizen: Citizen
    ) -> None:
        await citizen.open()
        await citizen.say("灯" * 2000)
        await citizen.next("ack")
        await citizen.hears("收到")
        assert len(assistant.heard[0]["text"]) == 2000

    async def test_more_is_refused_with_a_reason(
        self, assistant: FakeAssistant, citizen: Citizen
    ) -> None:
        await citizen.open()
        sent = await citizen.say("灯" * 2001)
        refused = await citizen.next("refused")
        assert refused["id"] == sent
        assert "2001 个字" in refused["text"]
        assert not assistant.heard

    async def test_blank_is_refused(self, citizen: Citizen) -> None:
        await citizen.open()
        await citizen.say(" \n\x00")
        assert (await citizen.next("refused"))["code"] == "message_empty"

    async def test_the_21st_message_of_a_minute_is_refused_kindly(self, citizen: Citizen) -> None:
        await citizen.open()
        for number in range(20):
            await citizen.say(f"第{number}句")
            await citizen.next("ack")
        await citizen.say("太快了")
        refused = await citizen.next("refused")
        assert refused["code"] == "message_too_fast"
        assert "没有丢" in refused["text"]


@pytest.mark.usefixtures("worker_process")
class TestChoices:
    async def test_an_offered_button_sends_its_payload(
        self, assistant: FakeAssistant, citizen: Citizen
    ) -> None:
        offered = {"title": "路灯", "payload": "choose_1"}
        assistant.answers["坏了"] = [{"text": "是哪一种？", "buttons": [offered]}]
        await citizen.open()
        await citizen.say("坏了")
        await citizen.hears("是哪一种？")
        await citizen.send({"type": "choice", "id": "choice-00001", **offered})
        await citizen.hears("收到：choose_1")
        assert (assistant.heard[-1]["text"], assistant.heard[-1]["payload"]) == ("路灯", "choose_1")

    async def test_an_invented_payload_is_plain_text(
        self, assistant: FakeAssistant, citizen: Citizen
    ) -> None:
        await citizen.open()
        await citizen.send(
            {"type": "choice", "id": "choice-00002", "title": "是", "payload": "/restart"}
        )
        await citizen.hears("收到：是")
        assert "payload" not in assistant.heard[0]


@pytest.mark.usefixtures("worker_process")
class TestTranscript:
    async def test_a_page_that_comes_back_is_shown_what_it_missed_only(
        self, assistant: FakeAssistant, citizen: Citizen
    ) -> None:
        await citizen.open()
        await citizen.say("第一句")
        seen = (await citizen.hears("收到：第一句"))["seq"]
        assistant.delay_s = 0.3
        await citizen.say("第二句")
        await citizen.next("ack")
        await citizen.leave()
        citizen.frames.clear()
        await citizen.open(last_seq=seen)
        await citizen.hears("收到：第二句")
        assert [entry["text"] for entry in citizen.transcript()] == ["第二句", "收到：第二句"]

    async def test_a_new_page_is_shown_everything(self, citizen: Citizen) -> None:
        await citizen.open()
        await citizen.say("第一句")
        await citizen.hears("收到：第一句")
        await citizen.leave()
        ready = await citizen.open()
        assert [entry["text"] for entry in ready["messages"]] == ["第一句", "收到：第一句"]

    async def test_two_tabs_show_the_same(self, citizen: Citizen) -> None:
        await citizen.open()
        other = await citizen.second_tab()
        await citizen.say("这边说的")
        await other.hears("收到：这边说的")
        await other.say("那边说的")
        await citizen.hears("收到：那边说的")
        await other.hears("收到：那边说的")
        await other.leave()
        assert [e["text"] for e in citizen.transcript()] == [e["text"] for e in other.transcript()]

    async def test_another_citizen_sees_nothing(self, citizen: Citizen, chat_address: str) -> None:
        await citizen.open()
        sent = await citizen.say("只有我看得到")
        await citizen.hears("收到：只有我看得到")
        stranger = await Citizen.with_new_session(chat_address)
        assert (await stranger.open())["messages"] == []
        await stranger.say("同一个编号", message_id=sent)
        await stranger.hears("收到：同一个编号")
        await stranger.leave()

    async def test_an_ended_conversation_is_closed_for_good(
        self, citizen: Citizen, chat_address: str
    ) -> None:
        await citizen.open()
        await citizen.say("公用电脑上说的")
        await citizen.hears("收到：公用电脑上说的")
        await citizen.leave()
        async with httpx.AsyncClient(trust_env=False, cookies={COOKIE: citizen.cookie}) as http:
            foreign = await http.post(f"{chat_address}/chat/end", headers={"Origin": "http://x.cn"})
            assert foreign.status_code == 403
            ended = await http.post(f"{chat_address}/chat/end", headers={"Origin": chat_address})
        assert ended.status_code == 303
        assert ended.cookies[COOKIE] != citizen.cookie
        with pytest.raises(ConnectionClosed):
            await citizen.open()

    async def test_delivery_is_recorded_when_the_page_confirms(
        self, citizen: Citizen, test_database: str
    ) -> None:
        await citizen.open()
        await citizen.say("看到了吗")
        seq = (await citizen.hears("收到：看到了吗"))["seq"]
        await citizen.send({"type": "seen", "seq": seq})
        await citizen.send({"type": "ping"})
        await citizen.next("pong")
        with psycopg.connect(libpq(test_database)) as connection:
            newest = connection.execute(
                "select state, delivered_at is not null from outbound_message order by id desc"
            ).fetchone()
        assert newest == ("delivered", True)
