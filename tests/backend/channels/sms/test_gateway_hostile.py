"""The mainland gateway's webhooks: whatever comes, signed or not, is 4xx and leaves nothing."""

import json
import random
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from backend.channels.sms.endpoints import MAX_BODY_BYTES
from backend.channels.sms.models import SmsNonce
from backend.channels.sms.signature import gateway_signature
from backend.conversations.models import Conversation, DeliveryEvent, InboundMessage
from tests.backend.channels.sms.test_gateway import (
    SECRET,
    TEXT,
    Posting,
    gateway_resources,
    posting,
)

__all__ = ["gateway_resources", "posting"]

PATHS = ["inbound", "status"]
GOOD = json.dumps(TEXT | {"receipts": [{"message_id": "G1", "status": "DELIVRD"}]}).encode()
BODIES = {
    "empty": b"",
    "random": bytes(range(256)) * 8,
    "gbk": '{"id": "M-1", "phone": "13800001234", "text": "路灯"}'.encode("gbk"),
    "utf-16": GOOD.decode().encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "a form": b"id=M-1&phone=13800001234&text=hi",
    "an XML bomb": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "deep": b"[" * 40_000,
    "deep object": b'{"receipts":' * 8_000,
    "lone surrogate": b'{"id": "M-1", "phone": "13800001234", "text": "\\ud800", "receipts": 1}',
    "NaN": b'{"id": NaN, "receipts": [NaN]}',
    "half": GOOD[: len(GOOD) // 2],
    "null": b"null",
    "a long id": GOOD.replace(b"M-1", b"M" * 65).replace(b"G1", b"G" * 65),
    "an id with NUL": GOOD.replace(b"M-1", b"M\\u0000").replace(b"G1", b"G\\u0000"),
}


async def kept(posting: Posting) -> int:
    """Rows of everything a webhook may write."""
    async with posting.resources.database.transaction() as session:
        counts = [
            await session.scalar(select(func.count()).select_from(table))
            for table in (InboundMessage, Conversation, DeliveryEvent, SmsNonce)
        ]
    return sum(int(count or 0) for count in counts)


async def post(posting: Posting, path: str, raw: bytes, **changes: str) -> httpx.Response:
    """Raw bytes with a true signature, unless a header is changed."""
    posting.count += 1
    timestamp = changes.pop("timestamp", str(int(posting.resources.clock.now().timestamp())))
    nonce = f"n{posting.count}"
    headers: dict[str, Any] = {
        "X-Timestamp": timestamp,
        "X-Nonce": nonce,
        "X-Signature": gateway_signature(SECRET, timestamp, nonce, raw),
    }
    return await posting.http.post(f"/webhooks/sms/{path}", content=raw, headers=headers | changes)


@pytest.mark.parametrize("path", PATHS)
class TestMalformed:
    @pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
    async def test_is_refused_and_leaves_nothing(
        self, posting: Posting, path: str, body: bytes
    ) -> None:
        for changes in ({}, {"X-Signature": "0" * 64}, {"X-Signature": "签名".encode()}):
            answer = await post(posting, path, body, **changes)  # type: ignore[arg-type]
            assert 400 <= answer.status_code < 500
            assert answer.headers["content-type"] == "application/problem+json"
        assert await kept(posting) == 0

    async def test_huge_bodies(self, posting: Posting, path: str) -> None:
        for size in (MAX_BODY_BYTES, 2_000_000):
            body = GOOD[:-1] + b" " * size + b"}"
            assert (await post(posting, path, body)).status_code == 413
        assert await kept(posting) == 0

    @pytest.mark.parametrize("timestamp", ["", "abc", "-1", "9" * 300, "1e9", "٣", " 1"])
    async def test_strange_times(self, posting: Posting, path: str, timestamp: str) -> None:
        encoded: Any = timestamp.encode("latin-1", "ignore").decode("latin-1")
        answer = await post(posting, path, GOOD, timestamp=encoded)
        assert 400 <= answer.status_code < 500
        assert await kept(posting) == 0

    @pytest.mark.parametrize("nonce", ["", "n" * 129])
    async def test_strange_nonces(self, posting: Posting, path: str, nonce: str) -> None:
        answer = await post(posting, path, GOOD, **{"X-Nonce": nonce})
        assert 400 <= answer.status_code < 500
        assert await kept(posting) == 0

    async def test_chance(self, posting: Posting, path: str) -> None:
        chance = random.Random(17)
        for _ in range(120):
            broken = bytearray(GOOD)
            for _ in range(chance.randrange(1, 4)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            cut = broken[: chance.randrange(len(broken))] if chance.random() < 0.5 else broken
            answer = await post(posting, path, bytes(cut), **{"X-Signature": "0" * 64})
            assert answer.status_code == 403
            answer = await post(posting, path, bytes(cut))
            assert answer.status_code < 500, bytes(cut)

    async def test_a_good_one_is_taken(self, posting: Posting, path: str) -> None:
        """Without this the tests above would prove nothing."""
        assert (await post(posting, path, GOOD)).status_code == 200
        assert await kept(posting) > 0
