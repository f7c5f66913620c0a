"""The landing page and its progress look-up."""

import httpx
import pytest
from playwright.async_api import expect

from backend.cases.case_no import check_digit
from tests.web.browser import PHONE, Visitor

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.browser]

CASE = {
    "type": "street_light",
    "town": "441900119",
    "village": "441900119003",
    "address": "中南路菜市场门口",
    "description": "路灯坏了半个月",
    "summary": "中南路路灯损坏",
    "contact_name": "陈女士",
    "contact_phone": "13800001234",
    "channel": "webchat",
    "conversation_id": "conversation-of-somebody",
}


async def _file_case(address: str, key: str) -> str:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
        response = await http.post(
            "/api/v1/cases",
            json=CASE,
            headers={"Authorization": "Bearer service-token-for-tests", "Idempotency-Key": key},
        )
    assert response.status_code == 201, response.text
    return str(response.json()["case_no"])


class TestHome:
    async def test_it_says_what_it_is_and_leads_to_the_chat(self, visitor: Visitor) -> None:
        await visitor.open("/")
        await expect(visitor.page.get_by_role("heading", name="民生微实事")).to_be_visible()
        await expect(visitor.page.get_by_role("link", name="报警 110")).to_be_in_viewport()
        await visitor.page.get_by_role("link", name="现在就说").click()
        await visitor.page.locator("#chat[data-connected]").wait_for()

    async def test_it_fits_one_screen_at_a_desk(self, visitor: Visitor) -> None:
        if visitor.page.viewport_size == PHONE:
            return
        await visitor.open("/")
        height = await visitor.page.evaluate("document.documentElement.scrollHeight")
        assert height <= 800


class TestProgress:
    async def _ask(self, visitor: Visitor, case_no: str, last4: str) -> str:
        await visitor.page.get_by_label("诉求编号").fill(case_no)
        await visitor.page.get_by_label("登记手机号的后四位").fill(last4)
        await visitor.page.get_by_role("button", name="查询").click()
        return await visitor.page.locator(".result").inner_text()

    async def test_number_and_digits_show_the_standing(
        self, visitor: Visitor, request: pytest.FixtureRequest
    ) -> None:
        case_no = await _file_case(visitor.address, request.node.name)
        await visitor.open("/")
        answer = await self._ask(visitor, case_no.lower(), "1234")
        assert case_no in answer
        assert "陈" not in answer

    async def test_a_stranger_learns_nothing(
        self, visitor: Visitor, request: pytest.FixtureRequest
    ) -> None:
        case_no = await _file_case(visitor.address, request.node.name)
        await visitor.open("/")
        wrong_digits = await self._ask(visitor, case_no, "9999")
        no_such_case = await self._ask(visitor, f"WSS2001010001{check_digit('2001010001')}", "9999")
        assert "没有查到" in wrong_digits
        assert case_no not in wrong_digits
        assert no_such_case == wrong_digits

    async def test_a_wrong_check_digit_is_told_at_once(self, visitor: Visitor) -> None:
        await visitor.open("/")
        assert "对不上" in await self._ask(visitor, "WSS26112100014", "1234")

    async def test_guessing_ends(self, visitor: Visitor, request: pytest.FixtureRequest) -> None:
        case_no = await _file_case(visitor.address, request.node.name)
        await visitor.open("/")
        answers = [await self._ask(visitor, case_no, f"{guess:04d}") for guess in range(6)]
        assert "次数" in answers[-1]

    async def test_a_form_of_another_site_is_not_answered(self, visitor: Visitor) -> None:
        async with httpx.AsyncClient(base_url=visitor.address, trust_env=False) as http:
            response = await http.post(
                "/progress", data={"case_no": "WSS26112100014", "phone_last4": "1234"}
            )
        assert "请再点一次" in response.text
