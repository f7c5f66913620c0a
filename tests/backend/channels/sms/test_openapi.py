"""What we send to Twilio fits its published description.

``tests/contract/twilio/messages.json`` is the path of the messages with its schemas out of
``spec/json/twilio_api_v2010.json`` of twilio/twilio-oai (commit d50069b); its licence lies beside it.
"""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from backend.channels.sms.twilio import TwilioAccount, TwilioClient
from backend.conversations.delivery import Outbound, Receipt, Recipient
from backend.core.clock import SystemClock
from scripts.fake_twilio import ACCOUNT, SENDER, FakeTwilio, public

SPEC = Path(__file__).parents[3] / "contract/twilio/messages.json"
WHOLE = os.environ.get("TWILIO_OPENAPI")
PATH = "/2010-04-01/Accounts/{AccountSid}/Messages.json"


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SPEC.read_text("utf-8"))
    return loaded


@pytest.mark.skipif(not WHOLE, reason="TWILIO_OPENAPI names no newer description to compare with")
def test_our_extract_is_what_twilio_publishes(spec: dict[str, Any]) -> None:
    whole = json.loads(Path(WHOLE or "").read_text("utf-8"))
    for kind, entries in spec["components"].items():
        assert {name: whole["components"][kind][name] for name in entries} == entries
    assert {path: whole["paths"][path] for path in spec["paths"]} == spec["paths"]


class Recorder:
    """Answers with the description's own example and keeps the requests."""

    def __init__(self, example: Any, status: int) -> None:
        self.example, self.status = example, status
        self.requests: list[httpx.Request] = []

    def client(self, sender: str) -> TwilioClient:
        async def taken(_: Any) -> set[str]:
            return set()

        account = TwilioAccount(
            "https://api.twilio.com",
            ACCOUNT,
            "t",
            sender,
            "https://guanjia.example/webhooks/sms/status",
        )
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._handle))
        return TwilioClient(http, account, SystemClock(), taken, 1.0)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.status, json=self.example)


def operation(spec: dict[str, Any], method: str) -> dict[str, Any]:
    found: dict[str, Any] = spec["paths"][PATH][method]
    return found


def examples(spec: dict[str, Any], method: str, status: str) -> dict[str, Any]:
    content = operation(spec, method)["responses"][status]["content"]["application/json"]
    return {name: case["value"] for name, case in content["examples"].items()}


MESSAGE = Outbound(id=17, text="路灯坏了", created_at=SystemClock().now())
TO = Recipient("c", "sms", "+8613800001234")


@pytest.mark.parametrize("sender", [SENDER, "MG" + "0" * 32])
async def test_the_form_has_only_described_fields(spec: dict[str, Any], sender: str) -> None:
    recorder = Recorder(examples(spec, "post", "201")["create"], 201)
    await recorder.client(sender).send(MESSAGE, TO)
    (request,) = recorder.requests
    assert request.url.path == PATH.replace("{AccountSid}", ACCOUNT)
    assert spec["paths"][PATH]["servers"] == [{"url": "https://api.twilio.com"}]
    form = dict(parse_qsl(request.content.decode()))
    content = operation(spec, "post")["requestBody"]["content"]
    assert request.headers["content-type"] in content
    schema = content["application/x-www-form-urlencoded"]["schema"]
    assert set(form) <= set(schema["properties"])
    assert set(schema.get("required", ())) <= set(form)


async def test_every_described_answer_is_a_receipt(spec: dict[str, Any]) -> None:
    for name, example in examples(spec, "post", "201").items():
        receipt = await Recorder(example, 201).client(SENDER).send(MESSAGE, TO)
        assert receipt == Receipt("twilio", example["sid"]), name


async def test_the_lookup_asks_as_described_and_reads_the_described_list(
    spec: dict[str, Any],
) -> None:
    for example in examples(spec, "get", "200").values():
        recorder = Recorder(example, 200)
        await recorder.client(SENDER)._list(TO.address)
        known = {parameter["name"] for parameter in operation(spec, "get")["parameters"]}
        assert set(dict(recorder.requests[0].url.params)) <= known


def test_the_stand_in_answers_with_described_fields(spec: dict[str, Any]) -> None:
    fake = FakeTwilio(posts_callbacks=False)
    status, message = fake.take({"To": "+8613800001234", "From": SENDER, "Body": "好"})
    described = spec["components"]["schemas"]["api.v2010.account.message"]["properties"]
    assert status == 201
    assert message is not None
    assert set(public(message)) <= set(described)
    states = spec["components"]["schemas"]["message_enum_status"]["enum"]
    assert message["status"] in states


def test_every_described_state_has_a_meaning(spec: dict[str, Any]) -> None:
    from backend.channels.sms.outcomes import TWILIO_STATES

    states = set(spec["components"]["schemas"]["message_enum_status"]["enum"])
    assert states - {"received", "receiving", "partially_delivered"} <= set(TWILIO_STATES)
