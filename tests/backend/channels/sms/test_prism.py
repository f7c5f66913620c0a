"""Our client against a server that speaks Twilio's published description: Stoplight's Prism.

Prism refuses what the description does not allow and answers with the description's examples; what
Twilio does beyond it (its own error codes, callbacks) is the business of ``scripts/fake_twilio.py``.
"""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from backend.channels.sms.twilio import TwilioAccount, TwilioClient
from backend.conversations.delivery import (
    Outbound,
    PermanentDeliveryError,
    Receipt,
    Recipient,
    RetryableDeliveryError,
)
from backend.core.clock import SystemClock
from scripts.fake_twilio import ACCOUNT, SENDER
from tests.backend.channels.sms.test_openapi import SPEC
from tests.support.node import node_command
from tests.support.processes import Process, free_port

SERVICE = "MG" + "0" * 32
MESSAGE = Outbound(id=17, text="路灯坏了", created_at=SystemClock().now())
TO = Recipient("c", "sms", "+8613800001234")


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prism that serves the description."""
    port = free_port()
    command = [*node_command("prism"), "mock", "-h", "127.0.0.1", "-p", str(port), str(SPEC)]
    log = tmp_path_factory.mktemp("prism") / "prism.log"
    process = Process(command, {"NO_COLOR": "1"}, log, ready_line="is listening")
    process.start()
    yield f"http://127.0.0.1:{port}"
    process.stop()


@pytest_asyncio.fixture(loop_scope="function")
async def client(prism: str) -> AsyncIterator[TwilioClient]:
    """The product's client, its account's address at Prism."""

    async def taken(_: Any) -> set[str]:
        return set()

    callback = "https://guanjia.example/webhooks/sms/status"
    account = TwilioAccount(prism, ACCOUNT, "t", SENDER, callback)
    async with httpx.AsyncClient(trust_env=False) as http:
        yield TwilioClient(http, account, SystemClock(), taken, 10.0)


def described(method: str, status: str) -> dict[str, Any]:
    """The examples of an answer, by name."""
    (path,) = json.loads(Path(SPEC).read_text("utf-8"))["paths"].values()
    content = path[method]["responses"][status]["content"]["application/json"]
    return {name: example["value"] for name, example in content["examples"].items()}


def but(client: TwilioClient, **changes: str) -> TwilioClient:
    """The client with another account."""
    return replace(client, account=replace(client.account, **changes))


class TestSending:
    @pytest.mark.parametrize("sender", [SENDER, SERVICE])
    async def test_is_taken_and_its_answer_is_a_receipt(
        self, client: TwilioClient, sender: str
    ) -> None:
        receipt = await but(client, sender=sender).send(MESSAGE, TO)
        sids = {example["sid"] for example in described("post", "201").values()}
        assert receipt in {Receipt("twilio", sid) for sid in sids}

    async def test_a_form_without_a_number_is_refused(self, client: TwilioClient) -> None:
        """Prism does look at the form: without this the test above would prove nothing."""
        auth = (client.account.sid, client.account.token)
        form = {"Body": "路灯坏了", "From": SENDER}
        answer = await client.http.post(client.account.messages_url, data=form, auth=auth)
        assert (answer.status_code, "'To'" in answer.text) == (422, True)

    @pytest.mark.parametrize(
        "wrong", [{"sid": "AC1"}, {"sender": "MG1"}, {"status_callback": "no address"}]
    )
    async def test_what_is_refused_is_not_tried_again(
        self, client: TwilioClient, wrong: dict[str, str]
    ) -> None:
        with pytest.raises(PermanentDeliveryError, match="twilio_422"):
            await but(client, **wrong).send(MESSAGE, TO)


class TestLookup:
    async def test_the_list_is_read(self, client: TwilioClient) -> None:
        listed = next(iter(described("get", "200").values()))["messages"]
        outbound = [m["sid"] for m in listed if m["direction"].startswith("outbound")]
        assert outbound
        assert [m["sid"] for m in await client._list(TO.address)] == outbound

    async def test_what_is_not_in_it_was_never_sent(self, client: TwilioClient) -> None:
        since = SystemClock().now() - timedelta(minutes=2)
        assert await client.find(MESSAGE, TO, since) is None

    async def test_a_refused_question_says_nothing(self, client: TwilioClient) -> None:
        with pytest.raises(RetryableDeliveryError, match="lookup_failed"):
            await but(client, sid="AC1").find(MESSAGE, TO, SystemClock().now())


async def test_a_path_of_another_api_is_not_there(client: TwilioClient, prism: str) -> None:
    with pytest.raises(PermanentDeliveryError, match="twilio_404"):
        await but(client, api_url=f"{prism}/v2").send(MESSAGE, TO)
