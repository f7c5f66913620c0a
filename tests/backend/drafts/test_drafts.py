"""A draft goes on with whoever proves that it is theirs, once, and its words lie sealed."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from backend.core.clock import FixedClock
from backend.core.resources import Resources
from backend.drafts.models import KeptDraft, MovedDraft
from backend.operation.cleaning import clean
from backend.phones.service import Phones

DRAFT_ID = "ab" * 12
PAGE, TEXTING, WECHAT = "page-1", "texting-1", "wechat-1"
PHONE = "13800001234"
TOLD = json.dumps({"id": DRAFT_ID, "items": [{"text": "上沙村口路灯坏了"}]}, ensure_ascii=False)


async def keep(
    service: httpx.AsyncClient,
    conversation: str = PAGE,
    draft_id: str = DRAFT_ID,
    phone: str | None = PHONE,
    **changes: Any,
) -> httpx.Response:
    """The assistant keeps a draft."""
    new = {
        "conversation_id": conversation, "channel": "webchat", "phone": phone,
        "type": "street_light", "words": "上沙村口路灯坏了", "draft": TOLD, **changes,
    }  # fmt: skip
    return await service.put(f"/drafts/{draft_id}", json=new)


async def code_of(service: httpx.AsyncClient, conversation: str = PAGE) -> str:
    """The code told for a kept draft."""
    answer = await service.post(f"/drafts/{DRAFT_ID}/code", json={"conversation_id": conversation})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


async def take(
    service: httpx.AsyncClient, code: str | None, conversation: str = TEXTING, channel: str = "sms"
) -> httpx.Response:
    """Somebody goes on elsewhere."""
    taking = {"conversation_id": conversation, "channel": channel, "code": code}
    return await service.post("/drafts/takings", json=taking)


async def left(service: httpx.AsyncClient, conversation: str = PAGE) -> str | None:
    """Where the draft went on, as the conversation is told."""
    asked = {"conversation_id": conversation}
    answer = await service.get(f"/drafts/{DRAFT_ID}/whereabouts", params=asked)
    moved_to: str | None = answer.json()["moved_to"]
    return moved_to


async def offered(service: httpx.AsyncClient, conversation: str = TEXTING) -> Any:
    """What is offered to that conversation."""
    return (await service.post("/drafts/offers", json={"conversation_id": conversation})).json()[
        "offer"
    ]


async def hold(resources: Resources, clock: FixedClock, phone: str = PHONE) -> None:
    """The texting conversation comes from that number."""
    async with resources.database.transaction() as session:
        await Phones(session, resources.vault).prove(TEXTING, f"+86{phone}", clock.now())


def other_than(code: str) -> str:
    """A code that was never told."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


class TestByCode:
    async def test_the_draft_goes_on_as_it_stood_and_the_first_place_knows_where(
        self, service: httpx.AsyncClient
    ) -> None:
        await keep(service)
        code = await code_of(service)
        assert (len(code), code.isdigit(), await left(service)) == (6, True, None)
        taken = (await take(service, code)).json()
        assert taken == {"draft_id": DRAFT_ID, "channel": "webchat", "draft": TOLD}
        assert await left(service) == "sms"
        late = await keep(service)
        assert (late.status_code, late.json()["code"]) == (409, "draft_moved")
        assert (await keep(service, TEXTING)).status_code == 200

    async def test_wrong_used_and_old_codes_are_answered_alike(
        self, service: httpx.AsyncClient, clock: FixedClock
    ) -> None:
        await keep(service)
        code = await code_of(service)
        wrong = await take(service, other_than(code))
        await take(service, code)
        used = await take(service, code, WECHAT, "wechat")
        newer = await code_of(service, TEXTING)
        clock.at += timedelta(hours=24)
        old = await take(service, newer, WECHAT, "wechat")
        assert [a.status_code for a in (wrong, used, old)] == [404] * 3
        assert wrong.json() == used.json() == old.json()

    async def test_a_turn_that_is_worked_again_gets_the_same_draft(
        self, service: httpx.AsyncClient
    ) -> None:
        await keep(service)
        code = await code_of(service)
        first, again = await take(service, code), await take(service, code)
        assert first.status_code == again.status_code == 200
        assert again.json()["draft"] == TOLD

    async def test_a_new_code_ends_the_one_before(self, service: httpx.AsyncClient) -> None:
        await keep(service, phone=None)
        first, second = await code_of(service), await code_of(service)
        assert (await take(service, first)).status_code == 404
        assert (await take(service, second)).status_code == 200

    async def test_it_may_come_back_and_is_then_here(self, service: httpx.AsyncClient) -> None:
        await keep(service)
        await take(service, await code_of(service))
        await take(service, await code_of(service, TEXTING), PAGE, "webchat")
        assert (await left(service), await left(service, TEXTING)) == (None, "webchat")
        assert (await keep(service)).status_code == 200

    async def test_filed_there_it_is_not_kept_again_where_it_began(
        self, service: httpx.AsyncClient
    ) -> None:
        await keep(service)
        await take(service, await code_of(service))
        await service.delete(f"/drafts/{DRAFT_ID}", params={"conversation_id": TEXTING})
        assert ((await keep(service)).status_code, await left(service)) == (409, "sms")

    async def test_only_the_holder_keeps_it(self, service: httpx.AsyncClient) -> None:
        await keep(service)
        assert (await keep(service, WECHAT)).status_code == 409

    async def test_only_the_holder_gets_a_code_or_ends_it(self, service: httpx.AsyncClient) -> None:
        await keep(service)
        asked = {"conversation_id": WECHAT}
        assert (await service.post(f"/drafts/{DRAFT_ID}/code", json=asked)).status_code == 404
        code = await code_of(service)
        await service.delete(f"/drafts/{DRAFT_ID}", params=asked)
        assert (await take(service, code)).status_code == 200
        await service.delete(f"/drafts/{DRAFT_ID}", params={"conversation_id": TEXTING})
        assert (await take(service, code)).status_code == 404


class TestTries:
    async def test_of_a_conversation_are_limited_and_the_right_code_then_helps_no_more(
        self, service: httpx.AsyncClient, clock: FixedClock
    ) -> None:
        await keep(service)
        code = await code_of(service)
        wrong = [await take(service, other_than(code)) for _ in range(5)]
        assert {answer.status_code for answer in wrong} == {404}
        assert (await take(service, code)).status_code == 429
        clock.at += timedelta(hours=1, seconds=1)
        assert (await take(service, code)).status_code == 200

    async def test_of_many_conversations_are_limited_together(
        self, service: httpx.AsyncClient
    ) -> None:
        await keep(service)
        code = await code_of(service)
        for number in range(50):
            await take(service, other_than(code), f"guess-{number}")
        assert (await take(service, code, "guess-50")).status_code == 429


class TestByNumber:
    async def test_the_number_is_told_once_and_little(
        self, service: httpx.AsyncClient, api_resources: Resources, clock: FixedClock
    ) -> None:
        await keep(service, words=f"路灯坏了，打{PHONE}")
        await hold(api_resources, clock)
        offer = await offered(service)
        assert offer == {
            "channel": "webchat", "type": "street_light", "words": "路灯坏了，打*******1234",
        }  # fmt: skip
        assert await offered(service) is None
        assert (await take(service, None)).json()["draft"] == TOLD

    @pytest.mark.parametrize("held", [None, "13900009999"])
    async def test_another_number_or_none_proves_nothing(
        self,
        service: httpx.AsyncClient,
        api_resources: Resources,
        clock: FixedClock,
        held: str | None,
    ) -> None:
        await keep(service)
        if held:
            await hold(api_resources, clock, held)
        assert await offered(service) is None
        assert (await take(service, None)).status_code == 404

    async def test_after_a_day_nothing_is_offered(
        self, service: httpx.AsyncClient, api_resources: Resources, clock: FixedClock
    ) -> None:
        await keep(service)
        await hold(api_resources, clock)
        clock.at += timedelta(hours=24)
        assert await offered(service) is None
        assert (await take(service, None)).status_code == 404

    async def test_ones_own_draft_is_not_offered_to_oneself(
        self, service: httpx.AsyncClient, api_resources: Resources, clock: FixedClock
    ) -> None:
        await hold(api_resources, clock)
        await keep(service, TEXTING)
        assert await offered(service) is None


async def test_words_number_and_code_lie_sealed_or_hashed(
    service: httpx.AsyncClient, api_resources: Resources
) -> None:
    await keep(service)
    code = await code_of(service)
    async with api_resources.database.transaction() as session:
        row = (await session.scalars(select(KeptDraft))).one()
    stored = " ".join(str(getattr(row, column.name)) for column in KeptDraft.__table__.columns)
    assert not [secret for secret in (PHONE, PHONE[-4:], "路灯", f" {code} ") if secret in stored]


async def test_a_day_later_it_is_forgotten_and_that_it_moved_is_not(
    service: httpx.AsyncClient, api_resources: Resources, clock: FixedClock
) -> None:
    await keep(service)
    await take(service, await code_of(service))
    clock.at += timedelta(hours=24, seconds=1)
    gone = await clean(api_resources)
    assert (gone["kept_drafts"], gone["moved_drafts"]) == (1, 0)
    assert await left(service) == "sms"
    async with api_resources.database.transaction() as session:
        assert len((await session.scalars(select(MovedDraft))).all()) == 1


async def test_nobody_but_the_products_own_processes_may_ask(
    service: httpx.AsyncClient, sign_in: Any
) -> None:
    city = await sign_in("city")
    assert (await take(city, "123456")).status_code == 403
    assert (await keep(city)).status_code == 403
