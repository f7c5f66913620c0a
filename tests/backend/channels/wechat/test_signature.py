"""Signatures and envelopes, with wechatpy as the other side."""

import base64
from datetime import UTC, datetime

import pytest
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.utils import check_signature

from backend.channels.wechat.account import decoded_key
from backend.channels.wechat.envelope import BadEnvelopeError, seal, unseal
from backend.channels.wechat.signature import is_fresh, is_signed, signature
from scripts.wechat.stand_in import APP_ID
from tests.backend.channels.wechat.conftest import AES_KEY, TOKEN

KEY = decoded_key(AES_KEY)


class TestSignature:
    def test_wechatpy_accepts_ours_and_refuses_another(self) -> None:
        check_signature(TOKEN, signature(TOKEN, "1700000000", "n"), "1700000000", "n")
        with pytest.raises(InvalidSignatureException):
            check_signature(TOKEN, signature("other", "1700000000", "n"), "1700000000", "n")

    @pytest.mark.parametrize("given", ["", "0" * 40, "签名", "é" * 40])
    def test_anything_else_is_refused(self, given: str) -> None:
        assert not is_signed(given, TOKEN, "1700000000", "n")

    @pytest.mark.parametrize(
        ("timestamp", "fresh"),
        [
            ("1700000000", True),
            ("1700000300", True),
            ("1699999700", True),
            ("1700000301", False),
            ("1699999699", False),
            ("", False),
            ("abc", False),
            ("-1700000000", False),
            ("١٧٠٠٠٠٠٠٠٠", False),
            ("9" * 400, False),
        ],
    )
    def test_only_the_present_counts(self, timestamp: str, fresh: bool) -> None:
        now = datetime.fromtimestamp(1_700_000_000, UTC)
        assert is_fresh(timestamp, now, 300) is fresh


class TestEnvelope:
    @pytest.mark.parametrize("text", ["<xml/>", "", "<xml>" + "灯" * 1000 + "</xml>"])
    def test_wechatpy_opens_what_we_seal(self, text: str) -> None:
        crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
        sealed = seal(KEY, text, APP_ID)
        outer = f"<xml><Encrypt>{sealed}</Encrypt></xml>"
        signed = signature(TOKEN, "1700000000", "n", sealed)
        opened = crypto.decrypt_message(outer, signed, "1700000000", "n")
        assert (opened.decode() if isinstance(opened, bytes) else opened) == text

    def test_we_open_what_wechatpy_seals(self) -> None:
        outer = WeChatCrypto(TOKEN, AES_KEY, APP_ID).encrypt_message("<xml>灯</xml>", "n", "1")
        sealed = outer.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
        assert unseal(KEY, sealed, APP_ID).decode() == "<xml>灯</xml>"

    @pytest.mark.parametrize(
        "sealed",
        [
            "",
            "????",
            "AAAA",
            base64.b64encode(b"x" * 16).decode(),
            base64.b64encode(b"x" * 64).decode(),
            seal(KEY, "<xml/>", "wx_other_account"),
            seal(b"k" * 32, "<xml/>", APP_ID),
        ],
    )
    def test_anything_else_is_refused(self, sealed: str) -> None:
        with pytest.raises(BadEnvelopeError):
            unseal(KEY, sealed, APP_ID)
