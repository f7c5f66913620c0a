"""``/webhooks/wechat``: what gets in, once, and what is answered."""

import random
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from wechatpy import parse_message

from backend.channels.wechat.models import WeChatContact, WeChatNonce
from backend.channels.wechat.passive import Claim, PassiveReplies
from backend.channels.wechat.wording import sentence
from backend.conversations.models import Conversation, Evidence, InboundMessage
from backend.core.clock import FixedClock
from backend.core.privacy import Vault
from backend.core.resources import Resources
from tests.backend.channels.wechat.conftest import OPENID, Account, Stored
from tests.backend.channels.wechat.test_payloads import BOMB

VILLAGE = "441900119003"


def reply(response: httpx.Response) -> str:
    """The text of a plain passive reply."""
    assert response.status_code == 200, response.text
    xml = response.text.replace("</xml>", "<MsgId>1</MsgId></xml>")
    return str(parse_message(xml).content)


async def words(stored: Stored, vault: Vault) -> list[str]:
    """What citizens said, as stored."""
    return [vault.open(row.sealed, "message")["text"] or "" for row in await stored.inbound()]


class TestUrlCheck:
    async def test_the_echo_comes_back(self, account: Account) -> None:
        query = account.query() | {"echostr": "5837426910276"}
        answer = await account.http.get("/webhooks/wechat", params=query)
        assert (answer.status_code, answer.text) == (200, "5837426910276")
        assert answer.headers["content-type"].startswith("text/plain")

    @pytest.mark.parametrize("broken", ["signature", "timestamp", "nonce"])
    async def test_unsigned_is_refused(self, account: Account, broken: str) -> None:
        query = account.query() | {"echostr": "1", broken: "0"}
        assert (await account.http.get("/webhooks/wechat", params=query)).status_code == 403

    async def test_without_parameters(self, account: Account) -> None:
        assert (await account.http.get("/webhooks/wechat")).status_code == 403


class TestOff:
    async def test_without_an_account_there_is_nothing(
        self, account: Account, wechat_resources: Resources
    ) -> None:
        account.http._transport.app.state.resources = (  # type: ignore[attr-defined]
            type(wechat_resources)(
                wechat_resources.settings.model_copy(update={"wechat_secret": None}),
                wechat_resources.database,
                wechat_resources.vault,
                wechat_resources.clock,
                wechat_resources.http,
            )
        )
        assert (await account.post(account.xml("text", Content="在吗"))).status_code == 404


class TestPlain:
    async def test_a_message_is_stored_once_and_acknowledged(
        self, account: Account, stored: Stored
    ) -> None:
        xml = account.xml("text", Content="路灯坏了")
        for _ in range(3):
            answer = await account.post(xml)
            assert (answer.status_code, answer.text) == (200, "success")
        assert await stored.count(InboundMessage) == 1

    async def test_the_platform_may_repeat_the_very_same_request(
        self, account: Account, stored: Stored, clock: FixedClock
    ) -> None:
        xml, query = account.xml("text", Content="路灯坏了"), account.query()
        for _ in range(3):
            assert (await account.post(xml, query)).text == "success"
            clock.at += timedelta(seconds=5)
        assert await stored.count(InboundMessage) == 1

    async def test_a_used_nonce_carries_no_other_message(
        self, account: Account, stored: Stored
    ) -> None:
        query = account.query()
        await account.post(account.xml("text", Content="路灯坏了"), query)
        answer = await account.post(account.xml("text", Content="别的话"), query)
        assert answer.status_code == 403
        assert await stored.count(InboundMessage) == 1

    async def test_nor_the_same_message_later(self, account: Account, clock: FixedClock) -> None:
        xml, query = account.xml("text", Content="路灯坏了"), account.query()
        await account.post(xml, query)
        clock.at += timedelta(seconds=60)
        assert (await account.post(xml, query)).status_code == 403

    @pytest.mark.parametrize("age_s", [-301, 301, 86_400])
    async def test_old_and_future_timestamps_are_refused(
        self, account: Account, stored: Stored, age_s: int
    ) -> None:
        timestamp = str(int(account.timestamp) - age_s)
        query = account.query(timestamp=timestamp)
        answer = await account.post(account.xml("text", Content="在吗"), query)
        assert answer.status_code == 403
        assert await stored.count(InboundMessage) == 0

    @pytest.mark.parametrize("missing", ["signature", "timestamp", "nonce"])
    async def test_every_part_must_be_there(self, account: Account, missing: str) -> None:
        query = {name: value for name, value in account.query().items() if name != missing}
        answer = await account.post(account.xml("text", Content="在吗"), query)
        assert answer.status_code == 403

    async def test_no_words_and_no_openid_lie_open(
        self, account: Account, stored: Stored, wechat_resources: Resources
    ) -> None:
        await account.post(account.xml("text", Content="路灯坏了"))
        async with wechat_resources.database.transaction() as session:
            rows = [*await session.scalars(select(Conversation)), *await stored.inbound()]
        for row in rows:
            values = str(vars(row))
            assert OPENID not in values
            assert "路灯" not in values


class TestSecure:
    @pytest.fixture
    def mode(self) -> str:
        return "secure"

    async def test_a_message_is_taken(
        self, account: Account, stored: Stored, wechat_resources: Resources
    ) -> None:
        answer = await account.post_secure(account.xml("text", Content="路灯坏了"))
        assert (answer.status_code, answer.text) == (200, "success")
        assert await words(stored, wechat_resources.vault) == ["路灯坏了"]

    async def test_a_reply_is_sealed(self, account: Account) -> None:
        answer = await account.post_secure(account.xml("event", Event="subscribe"))
        assert "莞家" not in answer.text
        parts = {
            name: answer.text.split(f"<{name}>")[1].split(f"</{name}>")[0]
            for name in ("MsgSignature", "TimeStamp", "Nonce")
        }
        plain = {k: v.removeprefix("<![CDATA[").removesuffix("]]>") for k, v in parts.items()}
        opened = account.crypto.decrypt_message(
            answer.text, plain["MsgSignature"], plain["TimeStamp"], plain["Nonce"]
        )
        assert "我是莞家助手" in (opened if isinstance(opened, str) else opened.decode())

    @pytest.mark.parametrize(
        "changes", [{"msg_signature": "0" * 40}, {"msg_signature": ""}, {"nonce": "other"}]
    )
    async def test_a_wrong_signature_is_refused(
        self, account: Account, stored: Stored, changes: dict[str, str]
    ) -> None:
        answer = await account.post_secure(account.xml("text", Content="在吗"), **changes)
        assert answer.status_code == 403
        assert await stored.count(InboundMessage) == 0

    async def test_plain_is_refused(self, account: Account) -> None:
        assert (await account.post(account.xml("text", Content="在吗"))).status_code == 403


class TestKinds:
    """What each kind of message says to the assistant, or is answered without it."""

    @pytest.mark.parametrize(
        ("kind", "fields", "said"),
        [
            ("text", {"Content": "  路灯坏了\x0b "}, "路灯坏了"),
            ("voice", {"MediaId": "m", "Format": "amr", "Recognition": "路灯坏了。"}, "路灯坏了。"),
            (
                "location",
                {"Location_X": "22.8", "Location_Y": "113.8", "Label": "东莞市长安镇上沙中南路"},
                "东莞市长安镇上沙中南路",
            ),
            ("event", {"Event": "CLICK", "EventKey": "PROGRESS"}, "我的诉求到哪了"),
        ],
    )
    async def test_words_for_the_assistant(
        self,
        account: Account,
        stored: Stored,
        wechat_resources: Resources,
        kind: str,
        fields: dict[str, str],
        said: str,
    ) -> None:
        clean = {name: value.replace("\x0b", "") for name, value in fields.items()}
        assert (await account.post(account.xml(kind, **clean))).text == "success"
        assert await words(stored, wechat_resources.vault) == [said]
        assert (await stored.inbound())[0].turn_state == "queued"

    @pytest.mark.parametrize(
        ("kind", "fields", "key"),
        [
            ("voice", {"MediaId": "m", "Format": "speex"}, "type_please"),
            ("voice", {"MediaId": "m", "Recognition": " "}, "type_please"),
            ("location", {"Location_X": "22.8", "Location_Y": "113.8"}, "where_please"),
            ("location", {"Location_X": "nan", "Location_Y": "x", "Label": ""}, "where_please"),
            ("image", {"MediaId": "m1", "PicUrl": "http://x"}, "photo_taken"),
            ("image", {}, "only_words"),
            ("video", {"MediaId": "m"}, "only_words"),
            ("link", {"Url": "http://x"}, "only_words"),
            ("newest_kind", {}, "only_words"),
            ("event", {"Event": "subscribe"}, "follow"),
            ("event", {"Event": "subscribe", "EventKey": "qrscene_441900999999"}, "follow"),
            ("event", {"Event": "CLICK", "EventKey": "UNKNOWN"}, "follow"),
        ],
    )
    async def test_answered_without_the_assistant(
        self, account: Account, stored: Stored, kind: str, fields: dict[str, str], key: str
    ) -> None:
        xml = account.xml(kind, **fields)
        assert reply(await account.post(xml)) == sentence(key)
        assert (await stored.inbound())[0].turn_state == "answered"
        assert reply(await account.post(xml)) == sentence(key)
        (row,) = await stored.outbound()
        assert (row.state, row.attempts) == ("sent", 1)
        assert row.via is not None
        assert row.via.startswith("passive:")

    @pytest.mark.parametrize(
        ("event", "key"), [("subscribe", f"qrscene_{VILLAGE}"), ("SCAN", VILLAGE)]
    )
    async def test_the_card_tells_the_place(
        self, account: Account, wechat_resources: Resources, event: str, key: str
    ) -> None:
        answer = reply(await account.post(account.xml("event", Event=event, EventKey=key)))
        assert "长安镇涌头社区的便民服务卡" in answer
        async with wechat_resources.database.transaction() as session:
            conversation = (await session.scalars(select(Conversation))).one()
        assert conversation.card_village == VILLAGE

    @pytest.mark.parametrize(
        "fields",
        [
            {"Event": "VIEW", "EventKey": "http://x"},
            {"Event": "LOCATION", "Latitude": "22.8", "Longitude": "113.8"},
            {"Event": "unsubscribe"},
            {"Event": "TEMPLATESENDJOBFINISH", "MsgID": "1", "Status": "success"},
            {"Event": "newest_event"},
        ],
    )
    async def test_acknowledged_without_a_trace(
        self, account: Account, stored: Stored, fields: dict[str, str]
    ) -> None:
        assert (await account.post(account.xml("event", **fields))).text == "success"
        assert await stored.count(Conversation) == 0

    async def test_who_leaves_gets_nothing_more(
        self, account: Account, wechat_resources: Resources
    ) -> None:
        await account.post(account.xml("text", Content="在吗"))
        await account.post(account.xml("event", Event="unsubscribe"))
        async with wechat_resources.database.transaction() as session:
            contact = (await session.scalars(select(WeChatContact))).one()
        assert (contact.is_following, contact.window_left) == (False, 0)

    async def test_an_event_again_changes_nothing(self, account: Account, stored: Stored) -> None:
        xml = account.xml("event", Event="SCAN", EventKey=VILLAGE)
        answers = {reply(await account.post(xml)) for _ in range(3)}
        assert len(answers) == 1
        assert await stored.count(InboundMessage) == 1

    async def test_a_photo_is_expected_once(self, account: Account, stored: Stored) -> None:
        xml = account.xml("image", MediaId="m1")
        for _ in range(2):
            await account.post(xml)
        assert await stored.count(Evidence) == 1


class TestLateAnswers:
    """Whoever is held in vain tells the others that waiting is of no use now."""

    @pytest.fixture
    def patient(self, wechat_app: FastAPI, wechat_resources: Resources) -> FastAPI:
        """The application, holding callbacks for a moment."""
        settings = wechat_resources.settings.model_copy(update={"wechat_passive_wait_s": 0.05})
        wechat_app.state.resources = replace(wechat_resources, settings=settings)
        return wechat_app

    async def test_a_callback_that_waited_in_vain_is_remembered(
        self, patient: FastAPI, account: Account
    ) -> None:
        assert (await account.post(account.xml("text", Content="路灯坏了"))).text == "success"
        assert patient.state.live.is_late

    async def test_until_one_is_answered_in_time(
        self, patient: FastAPI, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def in_time(*_: object) -> Claim:
            return Claim("好的", ())

        patient.state.live.is_late = True
        monkeypatch.setattr(PassiveReplies, "_wait", in_time)
        assert reply(await account.post(account.xml("text", Content="路灯坏了"))) == "好的"
        assert not patient.state.live.is_late

    async def test_what_needs_no_assistant_says_nothing_about_it(
        self, patient: FastAPI, account: Account
    ) -> None:
        patient.state.live.is_late = True
        assert reply(await account.post(account.xml("video", MediaId="m"))) == sentence(
            "only_words"
        )
        assert patient.state.live.is_late


class TestLimits:
    async def test_too_long_is_said_and_not_stored(self, account: Account, stored: Stored) -> None:
        answer = await account.post(account.xml("text", Content="灯" * 2001))
        assert "2001 个字" in reply(answer)
        assert await stored.count(InboundMessage) == 0

    async def test_too_fast_is_said(self, account: Account, stored: Stored) -> None:
        for number in range(20):
            await account.post(account.xml("text", Content=f"第{number}句"))
        answer = reply(await account.post(account.xml("text", Content="第20句")))
        assert "有点快" in answer
        assert await stored.count(InboundMessage) == 20

    async def test_blank_is_said(self, account: Account) -> None:
        answer = await account.post(account.xml("text", Content=" "))
        assert reply(answer) == sentence("message_empty")


class TestFuzz:
    """Signed or not, whatever is no callback is 4xx and leaves nothing behind."""

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b"", id="empty"),
            pytest.param(BOMB.encode(), id="entity bomb"),
            pytest.param(b"<xml>" + b"x" * 70_000 + b"</xml>", id="large"),
            pytest.param(b"x" * 2_000_000, id="huge"),
            pytest.param("<xml><Content>路灯</Content></xml>".encode("gb18030"), id="gbk"),
            pytest.param("<xml><Content>路灯</Content></xml>".encode("utf-16"), id="utf-16"),
            pytest.param(b"<xml>" * 9_000, id="deep"),
            pytest.param(b'{"a": 1}', id="json"),
        ],
    )
    async def test_known_tricks(self, account: Account, stored: Stored, body: bytes) -> None:
        assert 400 <= (await account.post(body)).status_code < 500
        secure = account.query() | {"encrypt_type": "aes", "msg_signature": "0" * 40}
        assert 400 <= (await account.post(body, secure)).status_code < 500
        assert await stored.count(WeChatNonce) == 0

    async def test_chance(self, account: Account, stored: Stored) -> None:
        chance = random.Random(11)
        good = account.xml("text", Content="路灯坏了").encode()
        for _ in range(150):
            body = _broken(chance, good)
            answer = await account.post(body, account.query() if chance.random() < 0.8 else {})
            assert 400 <= answer.status_code < 500, body
        assert await stored.count(InboundMessage) == 0
        assert await stored.count(WeChatNonce) == 0

    async def test_strange_addresses(self, account: Account) -> None:
        chance = random.Random(12)
        for _ in range(60):
            query = account.query()
            name = chance.choice(list(query))
            query[name] = chance.choice(["", "\x00", "灯" * 50, "9" * 500, "-1", "a" * 199])
            answer = await account.post(account.xml("text", Content="在吗"), query)
            assert 400 <= answer.status_code < 500, query


def _broken(chance: random.Random, good: bytes) -> bytes:
    """Random bytes, a truncated callback, or one with a tag's name broken."""
    way = chance.randrange(3)
    if way == 0:
        return chance.randbytes(chance.randrange(300))
    if way == 1:
        return good[: chance.randrange(len(good) - 1)]
    name = chance.choice([b"FromUserName", b"MsgType", b"CreateTime", b"MsgId", b"ToUserName"])
    return good.replace(name, bytes([chance.randrange(1, 256)]) + name)
