"""The policy list and a case's policies in a real browser."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from backend.cases.examples import CASE
from backend.cases.filing import CaseFiling
from backend.cases.schemas import CaseCreate
from backend.core.resources import Resources
from backend.policies.table import SAMPLE
from backend.staff.rules import Service
from tests.web.browser import Visitor
from tests.web.test_staff_pages import add_account, sign_in

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.browser]


@pytest_asyncio.fixture(loop_scope="session")
async def city(visitor: Visitor, resources: Resources) -> AsyncIterator[Visitor]:
    """Somebody of the city, who has imported the sample."""
    await sign_in(visitor, await add_account(resources, "city"))
    await visitor.page.wait_for_url("**/staff")
    await visitor.open("/staff/policies")
    file = {"name": "政策.csv", "mimeType": "text/csv", "buffer": SAMPLE.read_bytes()}
    await visitor.page.get_by_label("CSV 文件").set_input_files(file)  # type: ignore[arg-type]
    await visitor.page.get_by_role("button", name="导入").click()
    await expect(visitor.page.get_by_role("status")).to_contain_text("已导入")
    yield visitor


async def test_samples_are_marked_and_searched_by_words(city: Visitor) -> None:
    assert await city.page.get_by_text("示例", exact=True).count() >= 12
    assert await city.accessibility_faults() == []
    assert not await city.overflows()
    await city.page.get_by_role("searchbox").fill("孩子考上大学交不起学费")
    await city.page.keyboard.press("Enter")
    await expect(city.page.get_by_role("heading", level=2).first).to_contain_text("学生资助")


async def test_what_became_of_a_policy_is_recorded(
    city: Visitor, resources: Resources, request: pytest.FixtureRequest
) -> None:
    assert isinstance(CASE, dict)
    words = {"description": "孩子考上大学交不起学费", "type": "education_aid"}
    new = CaseCreate.model_validate(CASE | words | {"category": None, "group": None})
    async with resources.database.transaction() as session:
        case, _ = await CaseFiling(session, resources).file(new, Service(), request.node.name)
    await city.open(f"/staff/cases/{case.case_no}/policies")
    assert await city.accessibility_faults() == []
    assert not await city.overflows()
    await city.page.get_by_role("button", name="政策不能解决").first.click()
    await expect(city.page.get_by_role("heading", name="已核对的政策")).to_be_visible()
