"""The chat's WebSocket against whatever is not the page: closed with a reason, nothing stored."""

import json
import random
import uuid

import httpx
import psycopg
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from backend.channels.webchat.session import COOKIE
from tests.support.chat_client import Citizen
from tests.support.postgres import libpq
from tests.support.processes import Process

GOOD = json.dumps({"type": "message", "id": "a" * 12, "text": "路灯坏了"}, ensure_ascii=False)
REASONS = (1002, 1007, 1008, 1009)
FRAMES: dict[str, str | bytes] = {
    "empty": "",
    "random bytes": bytes(range(256)),
    "gbk": GOOD.encode("gbk"),
    "utf-16": GOOD.encode("utf-16"),
    "good but binary": GOOD.encode(),
    "XML bomb": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "deep": "[" * 50_000,
    "huge": json.dumps({"type": "message", "id": "a" * 12, "text": "灯" * 40_000}),
    "beyond the limit": "x" * 1_500_000,
    "lone surrogate": '{"type":"message","id":"aaaaaaaaaaaa","text":"\\ud800"',
    "another type": '{"type":"restart","id":"aaaaaaaaaaaa","text":"x"}',
    "number as text": '{"type":"message","id":"aaaaaaaaaaaa","text":5}',
    "long number": '{"type":"seen","seq":' + "9" * 400 + "}",
    "hello again and wrong": '{"type":"hello","last_seq":-1}',
}


def kept(database: str) -> int:
    """Stored messages."""
    with psycopg.connect(libpq(database)) as connection:
        row = connection.execute("select count(*) from inbound_message").fetchone()
    assert row is not None
    return int(row[0])


async def _sent_and_heard(citizen: Citizen, frame: str | bytes) -> None:
    assert citizen.page is not None
    await citizen.page.send(frame)
    await citizen.next("never", within_s=10)


async def closed_for(citizen: Citizen, frame: str | bytes) -> int:
    """The code with which the page is closed after that frame."""
    await citizen.open()
    assert citizen.page is not None
    with pytest.raises(ConnectionClosed) as closed:
        await _sent_and_heard(citizen, frame)
    citizen.page = None
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


@pytest.mark.parametrize("frame", FRAMES.values(), ids=list(FRAMES))
async def test_no_frame_of_ours(
    citizen: Citizen, server: Process, test_database: str, frame: str | bytes
) -> None:
    before, logged = kept(test_database), server.log.stat().st_size
    assert await closed_for(citizen, frame) in REASONS
    assert kept(test_database) == before
    assert b"Traceback" not in server.log.read_bytes()[logged:]


async def test_chance(citizen: Citizen, server: Process, test_database: str) -> None:
    chance, before = random.Random(23), kept(test_database)
    for _ in range(25):
        cut = GOOD[: chance.randrange(1, len(GOOD))]
        frame: str | bytes = chance.randbytes(60) if chance.random() < 0.4 else cut
        assert await closed_for(citizen, frame) in REASONS
    assert kept(test_database) == before
    assert b"Traceback" not in server.log.read_bytes()


async def _talked(chat_address: str, cookie: str) -> None:
    async with connect(
        f"{chat_address.replace('http', 'ws', 1)}/chat/ws",
        additional_headers={"Cookie": f"{COOKIE}={cookie}"},
        origin=chat_address,  # type: ignore[arg-type]
        proxy=None,
    ) as page:
        await page.send('{"type":"hello","last_seq":0}')
        await page.send(GOOD)
        await page.recv()
        await page.recv()


@pytest.mark.parametrize(
    "cookie", ["", "x", "a.b.c", "%00", "é", "9" * 5_000, f"{uuid.uuid4()}.AA"]
)
async def test_forged_sessions(chat_address: str, test_database: str, cookie: str) -> None:
    before = kept(test_database)
    with pytest.raises((ConnectionClosed, InvalidStatus)) as refused:
        await _talked(chat_address, cookie)
    if isinstance(refused.value, InvalidStatus):
        assert 400 <= refused.value.response.status_code < 500
    else:
        assert refused.value.rcvd is not None
        assert refused.value.rcvd.code == 4401
    assert kept(test_database) == before


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {}),
        ("POST", {}),
        ("GET", {"Upgrade": "websocket", "Connection": "Upgrade"}),
        ("GET", {"Upgrade": "h2c", "Connection": "Upgrade"}),
    ],
)
async def test_a_handshake_that_is_none(
    chat_address: str, method: str, headers: dict[str, str]
) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.request(method, f"{chat_address}/chat/ws", headers=headers)
    assert 400 <= answer.status_code < 500


async def test_a_message_sent_again_from_another_page_is_stored_once(
    citizen: Citizen, test_database: str
) -> None:
    before = kept(test_database)
    for _ in range(4):
        await citizen.open()
        await citizen.say("路灯坏了", message_id="replayed-0001")
        await citizen.next("ack")
        await citizen.leave()
    assert kept(test_database) == before + 1
