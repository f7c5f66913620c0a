"""Whatever comes to the webhooks is answered with 4xx or stored whole: never 5xx."""

import base64
import contextlib
import hashlib
import hmac
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from backend.channels.sms.endpoints import MAX_BODY_BYTES
from backend.channels.sms.errors import WebhookMalformedError
from backend.channels.sms.payloads import (
    InboundText,
    gateway_inbound,
    gateway_receipts,
    parse_form,
    twilio_inbound,
    twilio_status,
)
from backend.conversations.models import Conversation, InboundMessage
from backend.core.resources import Resources
from scripts.fake_twilio import TOKEN
from tests.backend.channels.sms.conftest import PUBLIC, Texter

PATHS = ["/webhooks/sms/inbound", "/webhooks/sms/status"]
GOOD = b"MessageSid=SM" + b"1" * 32 + b"&From=%2B8613800001234&Body=hi&MessageStatus=sent"


async def stored(resources: Resources) -> int:
    async with resources.database.transaction() as session:
        messages = await session.scalar(select(func.count(InboundMessage.id)))
        conversations = await session.scalar(select(func.count()).select_from(Conversation))
    return int(messages or 0) + int(conversations or 0)


def signed(path: str, body: bytes) -> dict[str, str]:
    """Headers of a body whose form is signed, as far as it can be read as one."""
    try:
        pairs = dict(parse_form(body))
    except WebhookMalformedError:
        pairs = {}
    text = PUBLIC + path + "".join(name + pairs[name] for name in sorted(pairs))
    digest = hmac.new(TOKEN.encode(), text.encode(), hashlib.sha1).digest()
    return {"X-Twilio-Signature": base64.b64encode(digest).decode()}


BODIES = {
    "empty": b"",
    "random": bytes(range(256)) * 8,
    "gbk": "Body=路灯坏了".encode("gbk"),
    "gbk escaped": b"Body=%C2%B7%B5%C6&MessageSid=SM" + b"1" * 32,
    "utf-16": "Body=路灯坏了".encode("utf-16"),
    "json": b'{"Body": "hi"}',
    "xml bomb": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "many fields": b"&".join(b"f%d=1" % n for n in range(1000)),
    "no id": GOOD.replace(b"MessageSid", b"Other"),
    "bad id": GOOD.replace(b"SM1", b"XX1"),
    "id with NUL": GOOD.replace(b"SM1", b"SM%00"),
    "no sender": GOOD.replace(b"From", b"Other").replace(b"MessageStatus", b"Other2"),
    "half": GOOD[: len(GOOD) // 3],
}


@pytest.mark.parametrize("path", PATHS)
class TestMalformed:
    @pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
    @pytest.mark.parametrize("is_signed", [True, False])
    async def test_is_refused_and_leaves_nothing(
        self, texter: Texter, sms_resources: Resources, path: str, body: bytes, is_signed: bool
    ) -> None:
        headers = signed(path, body) if is_signed else {}
        answer = await texter.http.post(path, content=body, headers=headers)
        assert 400 <= answer.status_code < 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert await stored(sms_resources) == 0

    @pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 2_000_000])
    async def test_huge_bodies_are_refused(
        self, texter: Texter, sms_resources: Resources, path: str, size: int
    ) -> None:
        body = GOOD + b"x" * size
        answer = await texter.http.post(path, content=body, headers=signed(path, body))
        assert answer.status_code == 413
        assert await stored(sms_resources) == 0

    @pytest.mark.parametrize(
        "headers", [{}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "AAAA" * 7}]
    )
    async def test_a_good_form_without_a_good_signature_is_refused(
        self, texter: Texter, sms_resources: Resources, path: str, headers: dict[str, str]
    ) -> None:
        answer = await texter.http.post(path, content=GOOD, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "signature_invalid")
        assert await stored(sms_resources) == 0

    async def test_headers_of_a_proxy_do_not_change_what_is_signed(
        self, texter: Texter, path: str
    ) -> None:
        evil = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Host": "evil"}
        answer = await texter.http.post(path, content=GOOD, headers=signed(path, GOOD) | evil)
        assert answer.status_code in (200, 204)

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    async def test_other_methods_are_refused(self, texter: Texter, path: str, method: str) -> None:
        assert (await texter.http.request(method, path)).status_code == 405


_FORM = st.dictionaries(
    st.sampled_from(["MessageSid", "From", "Body", "MessageStatus", "ErrorCode", "NumMedia", "x"]),
    st.text(st.characters(codec="utf-8"), max_size=60)
    | st.sampled_from(["SM" + "a" * 32, "+8613800001234", "delivered", "30007", "1"]),
)


class TestParsers:
    """The parsers say what is wrong, and raise nothing else."""

    @settings(deadline=None)
    @given(st.binary(max_size=400))
    def test_of_random_bytes(self, body: bytes) -> None:
        for parse in (parse_form, gateway_inbound, gateway_receipts):
            try:
                parse(body)
            except WebhookMalformedError:
                continue

    @settings(deadline=None)
    @given(_FORM)
    def test_of_random_forms(self, form: dict[str, str]) -> None:
        pairs = list(form.items())
        with contextlib.suppress(WebhookMalformedError):
            message = twilio_inbound(pairs)
            assert message is None or isinstance(message, InboundText)
        with contextlib.suppress(WebhookMalformedError):
            twilio_status(pairs, form.get("x"))


class TestSignedNonsense:
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(form=_FORM)
    async def test_never_breaks_the_server(self, texter: Texter, form: dict[str, str]) -> None:
        for path in PATHS:
            answer: httpx.Response = await texter.post(path, form)
            assert answer.status_code < 500

    @pytest.mark.parametrize(
        "body",
        ["\x00", "\u2028", "😀" * 700, "/restart", '/inform{"a":"b"}', "<script>", "' or 1=1 --"],
    )
    async def test_hostile_words_are_only_words(self, texter: Texter, body: str) -> None:
        assert (await texter.text(body)).status_code == 200

    async def test_the_same_in_a_replayed_request_is_stored_once(
        self, texter: Texter, sms_resources: Resources
    ) -> None:
        replies: list[Any] = [await texter.text("退订", sid="SM" + "e" * 32) for _ in range(4)]
        assert {reply.status_code for reply in replies} == {200}
        assert await stored(sms_resources) == 2
