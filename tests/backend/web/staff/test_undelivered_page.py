"""Dead letters on a page: the city sees what did not arrive and sends it again."""

from collections.abc import Callable
from html import unescape
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from backend.conversations.models import DeliveryState, OutboundMessage
from tests.support.api import filed
from tests.support.notices import Office
from tests.support.staff import Browser, OpenBrowser

NewCase = Callable[..., dict[str, Any]]
PHONE = "13800001234"


@pytest.fixture
async def letter(service: httpx.AsyncClient, new_case: NewCase, office: Office) -> dict[str, Any]:
    """A text message about a case, on its way."""
    case = new_case(channel="hotline", conversation_id=None, contact_phone=PHONE)
    found = await filed(service, case)
    assert await office.work() == 1
    return found


async def shown(browser: Browser, **params: Any) -> str:
    """The list."""
    answer = await browser.get("/staff/undelivered", **params)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


async def only_letter(office: Office) -> OutboundMessage:
    """The message as it is stored."""
    async with office.resources.database.transaction() as session:
        return (await session.scalars(select(OutboundMessage))).one()


async def test_says_of_which_case_by_which_channel_and_why(
    open_browser: OpenBrowser, letter: dict[str, Any], office: Office
) -> None:
    await office.becomes(DeliveryState.FAILED, "filtered")
    page = await shown(await open_browser("city"))
    for words in (letter["case_no"], "办理进展通知", "短信", "没有送达", "被运营商拦截"):
        assert words in page
    said = (await office.messages())[0][1]
    for secret in (PHONE, "1234", said):
        assert secret not in page


async def test_what_is_on_its_way_or_arrived_is_not_listed(
    open_browser: OpenBrowser, letter: dict[str, Any], office: Office
) -> None:
    city = await open_browser("city")
    for state in (DeliveryState.QUEUED, DeliveryState.SENT, DeliveryState.DELIVERED):
        async with office.resources.database.transaction() as session:
            await session.execute(update(OutboundMessage).values(state=state))
        assert "没有这样的消息" in await shown(city)


async def test_the_city_sends_it_again_once(
    open_browser: OpenBrowser, letter: dict[str, Any], office: Office
) -> None:
    await office.becomes(DeliveryState.UNKNOWN, "no_answer")
    city, row = await open_browser("city"), await only_letter(office)
    answer = await city.post("/staff/undelivered/resend", message=row.id)
    assert answer.headers["location"] == "/staff/undelivered?ok=resent"
    assert (await only_letter(office)).state == DeliveryState.QUEUED
    assert "已排队再发一次" in await shown(city, ok="resent")
    again = await city.post("/staff/undelivered/resend", message=row.id)
    assert again.headers["location"] == "/staff/undelivered?ok=not_resent"
    gone = await city.post("/staff/undelivered/resend", message=row.id + 1)
    assert gone.headers["location"] == "/staff/undelivered?ok=not_resent"


async def test_older_ones_are_a_page_further(
    open_browser: OpenBrowser, letter: dict[str, Any], office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr("backend.web.staff.undelivered_page._PAGE", 1)
    await office.becomes(DeliveryState.FAILED)
    city, row = await open_browser("city"), await only_letter(office)
    assert f'href="/staff/undelivered?before={row.id}"' in await shown(city)
    assert "没有这样的消息" in await shown(city, before=row.id)


async def test_the_auditor_reads_and_others_do_not(
    open_browser: OpenBrowser, letter: dict[str, Any], office: Office
) -> None:
    await office.becomes(DeliveryState.FAILED, "filtered")
    auditor, row = await open_browser("auditor"), await only_letter(office)
    assert "再发一次" not in await shown(auditor)
    assert (await auditor.post("/staff/undelivered/resend", message=row.id)).status_code == 403
    for role, place in (
        ("village", {"town": "441900119", "village": "441900119011"}),
        ("town", {"town": "441900119"}),
        ("hotline", {}),
        ("supervisor", {}),
    ):
        browser = await open_browser(role, **place)
        assert (await browser.get("/staff/undelivered")).status_code == 403
        assert "没有送达" not in (await browser.get("/staff")).text
        answer = await browser.post("/staff/undelivered/resend", message=row.id)
        assert answer.status_code == 403
    assert (await only_letter(office)).state == DeliveryState.FAILED
