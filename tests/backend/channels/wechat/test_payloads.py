"""Reading callbacks and writing replies."""

from datetime import UTC, datetime

import pytest
from wechatpy import parse_message

from backend.channels.wechat.errors import MalformedCallbackError
from backend.channels.wechat.payloads import callback_of, fields_of, passive_reply

NOW = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
HEAD = (
    "<ToUserName>gh_1</ToUserName><FromUserName>oA</FromUserName><CreateTime>1</CreateTime>"
    "<MsgType>text</MsgType><MsgId>9</MsgId>"
)
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + f"]><xml>{HEAD}<Content>&i;</Content></xml>"
)


class TestReading:
    def test_leaves_below_the_root(self) -> None:
        raw = "<xml><A>1</A><B><![CDATA[灯 & <b>]]></B><C><D>no</D></C><A>2</A></xml>"
        assert fields_of(raw.encode()) == {"A": "1", "B": "灯 & <b>"}

    @pytest.mark.parametrize(
        "raw",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b"<xml", id="truncated"),
            pytest.param(b"{}", id="json"),
            pytest.param(b"\xff\xfe\x00", id="random bytes"),
            pytest.param(f"<xml>{HEAD}<Content>路灯</Content></xml>".encode("gb18030"), id="gbk"),
            pytest.param(BOMB.encode(), id="entity bomb"),
            pytest.param(
                b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml>&x;</xml>', id="external entity"
            ),
            pytest.param(b"<a>" * 1000, id="deep"),
            pytest.param(b"<xml>" + b"<A/>" * 1000 + b"</xml>", id="many"),
            pytest.param(b"<xml></xml>", id="nothing in it"),
            pytest.param(f"<xml>{HEAD.replace('oA', 'o A')}</xml>".encode(), id="odd openid"),
            pytest.param(f"<xml>{HEAD.replace('9', 'x')}</xml>".encode(), id="odd MsgId"),
        ],
    )
    def test_what_is_no_callback_is_refused(self, raw: bytes) -> None:
        with pytest.raises(MalformedCallbackError):
            callback_of(raw)


class TestReply:
    @pytest.mark.parametrize(
        "text",
        [
            "收到。",
            "a]]></Content><MsgType>image</MsgType><Content><![CDATA[",
            "]]>]]>",
            "]]]]>>",
            "<b>&amp;</b>",
            "\x00\x0b控制\ud83d",
        ],
    )
    def test_text_stays_text(self, text: str) -> None:
        callback = callback_of(f"<xml>{HEAD}<Content>x</Content></xml>".encode())
        xml = passive_reply(callback, text, NOW)
        fields = fields_of(xml.encode())
        clean = text.replace("\x00", "").replace("\x0b", "").replace("\ud83d", "")
        assert fields["Content"] == clean
        assert fields["MsgType"] == "text"
        assert (fields["ToUserName"], fields["FromUserName"]) == ("oA", "gh_1")
        assert parse_message(xml.replace("</xml>", "<MsgId>1</MsgId></xml>")).content == clean
