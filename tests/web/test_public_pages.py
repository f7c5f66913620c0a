"""The public's pages in a real browser: what is in notice, what may be claimed, numbers."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import expect

from backend.core.resources import Resources
from tests.web.browser import Visitor
from tests.web.publishing import SECRETS, Published, publish
from tests.web.test_staff_pages import MOST_BYTES, PASSWORD, Desk, add_account, sign_in

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.browser]


@pytest_asyncio.fixture(loop_scope="session")
async def published(visitor: Visitor, resources: Resources) -> AsyncIterator[Published]:
    """A project in public notice and a wish to claim."""
    username = await add_account(resources, "city")
    async with httpx.AsyncClient(base_url=visitor.address, trust_env=False) as http:
        given = {"username": username, "password": PASSWORD}
        token = (await http.post("/api/v1/auth/token", json=given)).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield await publish(http)


async def test_every_page_is_light_fits_and_has_no_faults(
    visitor: Visitor, published: Published
) -> None:
    desk = Desk(visitor, "")
    paths = ("", "/hall", "/under-way", "/results", "/numbers?town=441900119",
             f"/items/{published.notice}", f"/items/{published.wish}")  # fmt: skip
    for path in paths:
        assert await desk.open(f"/public{path}") < MOST_BYTES
        await _has_no_faults(visitor, path)


@pytest.mark.parametrize("mode", ["长者版", "高对比"])
async def test_large_type_and_high_contrast_have_none_either(
    visitor: Visitor, published: Published, mode: str
) -> None:
    await visitor.open("/public/numbers")
    await visitor.page.get_by_role("button", name=mode).click()
    await _has_no_faults(visitor, "numbers")
    await visitor.open(f"/public/items/{published.wish}")
    await _has_no_faults(visitor, "wish")


async def _has_no_faults(visitor: Visitor, path: str) -> None:
    assert await visitor.accessibility_faults() == [], path
    assert not await visitor.overflows(), path
    shown = await visitor.page.content()
    assert [word for word in SECRETS if word in shown] == [], path


async def test_from_the_landing_page_to_an_objection(
    visitor: Visitor, published: Published
) -> None:
    await visitor.open("/")
    await visitor.page.get_by_role("link", name="看项目公示").click()
    await visitor.page.locator(f'a[href="/public/items/{published.notice}"]').click()
    await expect(visitor.page.get_by_text("资金预算（元）")).to_be_visible()
    await expect(visitor.page.get_by_role("heading", name="有不同意见怎么说")).to_be_visible()


async def test_an_offer_to_claim_reaches_the_staff(
    visitor: Visitor, published: Published, resources: Resources
) -> None:
    await visitor.open("/public/hall")
    await visitor.page.locator(f'a[href="/public/items/{published.wish}"]').click()
    await visitor.page.get_by_label("爱心企业").check()
    await visitor.page.get_by_label("企业、组织的名称，或您怎么称呼").fill("东莞某某有限公司")
    await visitor.page.get_by_label("联系电话").fill("139 0000 7788")
    await visitor.page.get_by_label("同意工作人员").check()
    await visitor.page.get_by_role("button", name="提交").click()
    await expect(visitor.page.get_by_role("status")).to_contain_text("收到了，谢谢您")
    await sign_in(visitor, await add_account(resources, "town"))
    await visitor.open(f"/staff/cases/{published.wish_case}")
    offers = visitor.page.locator("section", has=visitor.page.locator("#offers"))
    await expect(offers).to_contain_text("139****7788")
    assert await visitor.accessibility_faults() == []
    assert not await visitor.overflows()
    await offers.get_by_role("button", name="愿意认领").click()
    await expect(visitor.page.get_by_role("status")).to_contain_text("已记下联系结果")
