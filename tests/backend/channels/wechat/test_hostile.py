"""Callbacks that carry a true signature and nonsense inside, forged ones, and old ones again."""

import base64
import random
import secrets
from datetime import timedelta

import pytest

from backend.channels.wechat.account import decoded_key
from backend.channels.wechat.envelope import seal
from backend.channels.wechat.models import WeChatNonce
from backend.channels.wechat.signature import signature
from backend.conversations.models import InboundMessage
from backend.core.clock import FixedClock
from scripts.wechat.stand_in import APP_ID
from tests.backend.channels.wechat.conftest import AES_KEY, TOKEN, Account, Stored

KEY = decoded_key(AES_KEY)
BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><xml><Content>&b;</Content></xml>'
INSIDE = {
    "nothing": "",
    "no XML": "{}",
    "an entity bomb": BOMB,
    "an outside entity": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml>&a;</xml>',
    "deep": "<xml>" * 5_000,
    "no sender": "<xml><MsgType>text</MsgType><Content>灯</Content></xml>",
    "a NUL": "<xml><Content>\x00</Content></xml>",
    "many elements": "<xml>" + "<a>1</a>" * 5_000 + "</xml>",
}


@pytest.fixture
def mode() -> str:
    return "secure"


def signed(account: Account, encrypted: str) -> tuple[dict[str, str], str]:
    """The address and body of a callback whose signature is true."""
    timestamp, nonce = account.timestamp, secrets.token_hex(6)
    query = {
        "timestamp": timestamp,
        "nonce": nonce,
        "signature": signature(TOKEN, timestamp, nonce),
        "encrypt_type": "aes",
        "msg_signature": signature(TOKEN, timestamp, nonce, encrypted),
    }
    return query, f"<xml><Encrypt>{encrypted}</Encrypt></xml>"


async def refused(account: Account, stored: Stored, encrypted: str) -> None:
    """4xx, and nothing is kept."""
    query, body = signed(account, encrypted)
    answer = await account.post(body, query)
    assert 400 <= answer.status_code < 500, encrypted[:80]
    assert await stored.count(InboundMessage) == 0
    assert await stored.count(WeChatNonce) == 0


class TestTrulySigned:
    @pytest.mark.parametrize("inside", INSIDE.values(), ids=list(INSIDE))
    async def test_what_is_sealed_is_no_callback(
        self, account: Account, stored: Stored, inside: str
    ) -> None:
        await refused(account, stored, seal(KEY, inside, APP_ID))

    @pytest.mark.parametrize(
        ("key", "app_id"), [(KEY, "wx_another"), (KEY, ""), (b"k" * 32, APP_ID)]
    )
    async def test_another_account_or_key(
        self, account: Account, stored: Stored, key: bytes, app_id: str
    ) -> None:
        xml = account.xml("text", Content="路灯坏了")
        await refused(account, stored, seal(key, xml, app_id))

    async def test_random_and_cut_ciphertext(self, account: Account, stored: Stored) -> None:
        chance = random.Random(3)
        good = base64.b64decode(seal(KEY, account.xml("text", Content="灯"), APP_ID))
        for _ in range(80):
            broken = bytearray(good)
            way = chance.randrange(3)
            if way == 0:
                broken = bytearray(chance.randbytes(chance.randrange(200)))
            elif way == 1:
                broken = broken[: chance.randrange(len(good))]
            else:
                broken[-1 - chance.randrange(32)] ^= chance.randrange(1, 256)
            await refused(account, stored, base64.b64encode(bytes(broken)).decode())

    async def test_a_true_one_passes(self, account: Account, stored: Stored) -> None:
        """Without this the tests above would prove nothing."""
        xml = account.xml("text", Content="路灯坏了")
        query, body = signed(account, seal(KEY, xml, APP_ID))
        assert (await account.post(body, query)).status_code == 200
        assert await stored.count(InboundMessage) == 1


class TestReplayed:
    async def test_an_old_one_changes_nothing(
        self, account: Account, stored: Stored, clock: FixedClock
    ) -> None:
        xml = account.xml("text", Content="路灯坏了")
        query, body = signed(account, seal(KEY, xml, APP_ID))
        assert (await account.post(body, query)).status_code == 200
        for later_s in (30, 301, 86_400):
            clock.at += timedelta(seconds=later_s)
            assert (await account.post(body, query)).status_code == 403
        assert await stored.count(InboundMessage) == 1

    async def test_its_address_carries_no_other_body(
        self, account: Account, stored: Stored
    ) -> None:
        query, body = signed(account, seal(KEY, account.xml("text", Content="真的"), APP_ID))
        await account.post(body, query)
        other = seal(KEY, account.xml("text", Content="假的"), APP_ID)
        answer = await account.post(f"<xml><Encrypt>{other}</Encrypt></xml>", query)
        assert answer.status_code == 403
        assert await stored.count(InboundMessage) == 1
