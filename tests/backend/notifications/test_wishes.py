"""How somebody wants to be told counts for all their cases, and nobody else's."""

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio

from backend.conversations.repository import ConversationRepository
from backend.core.clock import FixedClock
from backend.core.resources import Resources
from backend.notifications.rules import heeded
from backend.phones.service import Phones, StopReason
from tests.backend.notifications.test_dispatch import PHONE, hotline, move
from tests.support.api import SignIn, filed
from tests.support.notices import Office

NewCase = Callable[..., dict[str, Any]]


@pytest_asyncio.fixture(loop_scope="function")
async def texting(api_resources: Resources, clock: FixedClock) -> str:
    """The conversation of whoever holds the number, by text message."""
    async with api_resources.database.transaction() as session:
        rows = ConversationRepository(session, api_resources.vault)
        row = await rows.open_locked("sms", PHONE, clock.now(), keeps_address=True)
        phones = Phones(session, api_resources.vault)
        await phones.prove(str(row.id), PHONE, clock.now())
    return str(row.id)


async def says(
    service: httpx.AsyncClient, conversation: str, wish: str, channel: str = "webchat"
) -> dict[str, Any]:
    """The assistant passes a wish on."""
    new = {"conversation_id": conversation, "channel": channel, "wish": wish}
    answer = await service.post("/notice-wishes", json=new)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def channels(office: Office) -> list[str]:
    """Where the notices went."""
    return [channel for channel, _ in await office.messages()]


class TestOnThePage:
    @pytest.mark.parametrize(
        ("wishes", "where"),
        [
            ([], ["webchat"]),
            (["sms"], ["sms"]),
            (["none"], []),
            (["none", "resume"], ["webchat"]),
            (["sms", "not_sms"], ["webchat"]),
            (["none", "sms"], ["sms"]),
        ],
    )
    async def test_the_next_notice_goes_where_they_said(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        office: Office,
        page: str,
        wishes: list[str],
        where: list[str],
        case: dict[str, Any],
    ) -> None:
        for wish in wishes:
            await says(service, page, wish)
        await move(await sign_in("city"), case, "deliberation")
        await office.work()
        assert await channels(office) == where

    async def test_what_can_reach_them_is_answered_and_the_number_masked(
        self, service: httpx.AsyncClient, new_case: NewCase, page: str
    ) -> None:
        await filed(service, new_case(conversation_id=page))
        kept = await says(service, page, "sms")
        assert kept == {"cases": 1, "channels": ["sms", "webchat"], "phone": "138****1234"}
        assert (await says(service, page, "none"))["channels"] == []

    async def test_a_number_that_was_stopped_is_not_set_free_from_elsewhere(
        self,
        service: httpx.AsyncClient,
        new_case: NewCase,
        page: str,
        api_resources: Resources,
        clock: FixedClock,
    ) -> None:
        await filed(service, new_case(conversation_id=page))
        async with api_resources.database.transaction() as session:
            phones = Phones(session, api_resources.vault)
            await phones.stop(PHONE, StopReason.OPTED_OUT, clock.now())
        assert (await says(service, page, "sms"))["channels"] == ["webchat"]

    async def test_a_stranger_changes_nothing_of_theirs(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        office: Office,
        case: dict[str, Any],
    ) -> None:
        assert (await says(service, str(uuid.uuid4()), "none"))["cases"] == 0
        await move(await sign_in("city"), case, "deliberation")
        await office.work()
        assert await channels(office) == ["webchat"]


async def test_a_conversation_that_a_program_drives_has_its_wishes_kept_too(
    service: httpx.AsyncClient, new_case: NewCase
) -> None:
    await filed(service, new_case(conversation_id="driven-by-hand"))
    for channel in ("webchat", "sms"):
        kept = await says(service, "driven-by-hand", "sms", channel)
        assert (kept["cases"], kept["channels"]) == (1, ["sms"])


class TestByTextMessage:
    """The number proves the cases that carry it, wherever they were filed."""

    async def test_no_more_at_all_holds_for_a_case_filed_on_the_page(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        office: Office,
        texting: str,
        case: dict[str, Any],
    ) -> None:
        await says(service, texting, "none", "sms")
        await move(await sign_in("city"), case, "deliberation")
        await office.work()
        assert await channels(office) == []
        assert (await office.log())[-1] == ("sms", "skipped", "opted_out")

    async def test_and_for_one_filed_by_telephone_until_they_want_it_again(
        self,
        sign_in: SignIn,
        service: httpx.AsyncClient,
        new_case: NewCase,
        office: Office,
        texting: str,
    ) -> None:
        case = await filed(await sign_in("hotline"), hotline(new_case))
        assert (await says(service, texting, "none", "sms"))["channels"] == []
        city = await sign_in("city")
        await move(city, case, "policy_check")
        await office.work()
        assert await channels(office) == []
        assert (await says(service, texting, "resume", "sms"))["channels"] == ["sms"]
        await move(city, case, "deliberation")
        await office.work()
        assert await channels(office) == ["sms"]


@pytest.mark.parametrize(
    ("wish", "before", "after"),
    [
        ("sms", ({"sms", "wechat"}, None), ({"wechat"}, "sms")),
        ("wechat", (set(), "sms"), (set(), "wechat")),
        ("none", (set(), "sms"), ({"sms", "webchat", "wechat"}, None)),
        ("resume", ({"sms", "webchat", "wechat"}, None), (set(), None)),
        ("not_sms", (set(), "sms"), ({"sms"}, None)),
        ("not_wechat", ({"sms"}, "webchat"), ({"sms", "wechat"}, "webchat")),
    ],
)
def test_a_wish_changes_what_it_names(wish: Any, before: Any, after: Any) -> None:
    assert heeded(wish, *before) == after
