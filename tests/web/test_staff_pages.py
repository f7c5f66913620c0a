"""Staff pages in a real browser: keyboard, axe, no overflow, light pages, at both widths."""

import secrets
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from backend.cases.examples import CASE
from backend.cases.filing import CaseFiling
from backend.cases.schemas import CaseCreate
from backend.conversations import outbound
from backend.conversations.models import DeliveryState
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Address, Reply
from backend.core.resources import Resources
from backend.staff.models import StaffAccount
from backend.staff.passwords import hash_password
from backend.staff.rules import Role, Service
from tests.backend.channels.wechat.test_photos import photo
from tests.web.browser import Visitor

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.browser]
PASSWORD = "a quiet place by the river"
PLACES = {"village": ("441900119", "441900119011"), "town": ("441900119", None)}
MOST_BYTES = 150_000


@dataclass
class Desk:
    """A signed-in visitor and a case they can open."""

    visitor: Visitor
    case_no: str

    async def open(self, path: str) -> int:
        """Open a page; the bytes it took."""
        sizes: list[int] = []
        page = self.visitor.page

        async def measure(response: object) -> None:
            sizes.append(len(await response.body()))  # type: ignore[attr-defined]

        page.on("response", measure)
        await page.goto(self.visitor.address + path, wait_until="networkidle")
        page.remove_listener("response", measure)
        return sum(sizes)


async def add_account(resources: Resources, role: Role) -> str:
    """A new account's name."""
    username = f"{role}{secrets.token_hex(3)}"
    town, village = PLACES.get(role, (None, None))
    async with resources.database.transaction() as session:
        session.add(
            StaffAccount(
                username=username,
                display_name="陈经办",
                role=role,
                town=town,
                village=village,
                password_hash=hash_password(PASSWORD),
                active=True,
                created_at=resources.clock.now(),
            )
        )
    return username


async def sign_in(visitor: Visitor, username: str) -> None:
    """Type name and password, press Enter."""
    await visitor.open("/staff")
    await visitor.page.get_by_label("用户名").fill(username)
    await visitor.page.get_by_label("密码").fill(PASSWORD)
    await visitor.page.keyboard.press("Enter")
    await visitor.page.get_by_role("heading", name="工作台").wait_for()


async def file_case(resources: Resources, **changes: object) -> str:
    """A case in 上沙社区."""
    assert isinstance(CASE, dict)
    new = CaseCreate.model_validate({**CASE, **changes})
    async with resources.database.transaction() as session:
        filing = CaseFiling(session, resources)
        case, _ = await filing.file(new, Service(), secrets.token_hex(8))
    return case.case_no


@pytest_asyncio.fixture(loop_scope="session")
async def desk(visitor: Visitor, resources: Resources) -> AsyncIterator[Desk]:
    """The village at work."""
    case_no = await file_case(resources)
    await sign_in(visitor, await add_account(resources, "village"))
    yield Desk(visitor, case_no)


class TestEveryPage:
    async def test_is_light_accessible_and_fits(self, desk: Desk) -> None:
        for path in (
            "/staff",
            "/staff/reminders",
            "/staff/new",
            f"/staff/cases/{desk.case_no}",
            "/staff/password",
        ):
            assert await desk.open(path) < MOST_BYTES, path
            assert await desk.visitor.accessibility_faults() == [], path
            assert not await desk.visitor.overflows(), path

    @pytest.mark.parametrize("mode", ["长者版", "高对比"])
    async def test_in_large_type_and_high_contrast(self, desk: Desk, mode: str) -> None:
        await desk.visitor.page.locator(".bar-me summary").click()
        await desk.visitor.page.get_by_role("button", name=mode).click()
        for path in ("/staff", "/staff/reminders", "/staff/new", f"/staff/cases/{desk.case_no}"):
            await desk.open(path)
            assert await desk.visitor.accessibility_faults() == [], path
            assert not await desk.visitor.overflows(), path

    async def test_the_audit_log_too(self, visitor: Visitor, resources: Resources) -> None:
        await sign_in(visitor, await add_account(resources, "auditor"))
        await visitor.page.goto(f"{visitor.address}/staff/audit")
        assert await visitor.accessibility_faults() == []
        assert not await visitor.overflows()

    async def test_dead_letters_too(self, visitor: Visitor, resources: Resources) -> None:
        async with resources.database.transaction() as session:
            rows = ConversationRepository(session, resources.vault)
            to, key = Address("sms", "+8613800001234"), f"notice:WSS26110300012:{uuid.uuid4()}"
            row = await outbound.say(rows, resources.clock, to, Reply("已受理"), key)
            assert row is not None
            row.state, row.failure = DeliveryState.FAILED, "filtered"
        await sign_in(visitor, await add_account(resources, "city"))
        await visitor.page.goto(f"{visitor.address}/staff/undelivered")
        await visitor.page.get_by_text("发送经过").first.click()
        assert await visitor.accessibility_faults() == []
        assert not await visitor.overflows()

    async def test_the_sign_in_too(self, visitor: Visitor) -> None:
        await visitor.open("/staff/sign-in")
        assert await visitor.accessibility_faults() == []
        assert not await visitor.overflows()


class TestWork:
    async def test_a_step_is_taken_by_keyboard(self, desk: Desk) -> None:
        page = desk.visitor.page
        await desk.open(f"/staff/cases/{desk.case_no}")
        await page.get_by_text("组织协商").first.focus()
        await page.keyboard.press("Enter")
        await page.get_by_label("会议日期").fill("2026-12-01")
        await page.get_by_role("button", name="组织协商").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("已办理")
        await expect(page.locator(".timeline")).to_contain_text("2026年12月1日（周二）")

    async def test_open_step_forms_have_no_faults(self, desk: Desk) -> None:
        page = desk.visitor.page
        await desk.open(f"/staff/cases/{desk.case_no}")
        for summary in await page.locator("details.act summary").all():
            await summary.click()
        assert await desk.visitor.accessibility_faults() == []
        assert not await desk.visitor.overflows()


class TestBeforeAStep:
    async def test_the_notice_follows_what_is_typed(self, desk: Desk) -> None:
        page = desk.visitor.page
        await desk.open(f"/staff/cases/{desk.case_no}")
        step = page.locator("details.step", has_text="不予受理")
        await step.locator("summary").click()
        sends = step.locator(".sends")
        await expect(sends).to_contain_text("〔您在上面写的话〕")
        await step.get_by_label("告诉提出者").fill("这盏灯归小区物业管")
        await expect(sends).to_contain_text("不予受理：这盏灯归小区物业管")
        assert await desk.visitor.accessibility_faults() == []
        assert not await desk.visitor.overflows()

    async def test_without_scripts_a_button_shows_it(
        self, visitor: Visitor, resources: Resources
    ) -> None:
        browser = visitor.page.context.browser
        assert browser is not None
        case_no = await file_case(resources)
        context = await browser.new_context(
            java_script_enabled=False, viewport=visitor.page.viewport_size
        )
        plain = Visitor(await context.new_page(), visitor.address)
        await sign_in(plain, await add_account(resources, "village"))
        await plain.open(f"/staff/cases/{case_no}")
        step = plain.page.locator("details.step", has_text="不予受理")
        await step.locator("summary").click()
        await step.get_by_label("告诉提出者").fill("这盏灯归小区物业管")
        await step.get_by_role("button", name="按我写的话再看一遍").click()
        await expect(step).to_have_attribute("open", "")
        await expect(step.locator(".sends")).to_contain_text("不予受理：这盏灯归小区物业管")
        await expect(step.get_by_label("告诉提出者")).to_have_value("这盏灯归小区物业管")
        await context.close()


class TestTwoPeople:
    """The same case on two screens; whoever comes second is told and loses nothing."""

    async def _colleague(self, desk: Desk, resources: Resources) -> Visitor:
        browser = desk.visitor.page.context.browser
        assert browser is not None
        context = await browser.new_context(viewport=desk.visitor.page.viewport_size)
        other = Visitor(await context.new_page(), desk.visitor.address)
        await sign_in(other, await add_account(resources, "town"))
        await other.open(f"/staff/cases/{desk.case_no}")
        return other

    async def _note(self, page: Page, words: str) -> None:
        await page.get_by_text("写备注").click()
        await page.get_by_label("备注", exact=True).fill(words)
        await page.get_by_role("button", name="记下").click()

    def _was_told(self, visitor: Visitor) -> None:
        """The browser's own line about the 409 is the only complaint."""
        assert [line for line in visitor.complaints if "409" not in line] == []
        assert len(visitor.complaints) == 1
        visitor.complaints.clear()

    async def test_a_second_step_is_refused_and_its_words_stay(
        self, desk: Desk, resources: Resources
    ) -> None:
        other = await self._colleague(desk, resources)
        await desk.open(f"/staff/cases/{desk.case_no}")
        mine, theirs = desk.visitor.page, other.page
        await theirs.get_by_text("组织协商").first.click()
        await theirs.get_by_label("会议日期").fill("2026-12-01")
        await theirs.get_by_role("button", name="组织协商").click()
        await expect(theirs.get_by_role("status")).to_contain_text("已办理")

        step = mine.locator("details.step", has_text="不予受理")
        await step.locator("summary").click()
        await step.get_by_label("告诉提出者").fill("这盏灯归小区物业管")
        await step.get_by_role("button", name="不予受理").click()
        await expect(mine.get_by_role("alert")).to_contain_text("别人更新了这件诉求")
        fresh = mine.locator(".timeline .fresh")
        await expect(fresh).to_have_count(1)
        await expect(fresh).to_contain_text("2026年12月1日（周二）")
        await expect(mine.locator(".case-head")).to_contain_text("协商中")
        assert await desk.visitor.accessibility_faults() == []
        assert not await desk.visitor.overflows()
        await theirs.reload()
        await expect(theirs.locator(".timeline")).not_to_contain_text("物业")
        self._was_told(desk.visitor)
        await theirs.context.close()

    async def test_a_second_note_is_kept_and_can_be_sent_again(
        self, desk: Desk, resources: Resources
    ) -> None:
        other = await self._colleague(desk, resources)
        await desk.open(f"/staff/cases/{desk.case_no}")
        mine, theirs = desk.visitor.page, other.page
        await self._note(theirs, "镇里看过了")
        await expect(theirs.get_by_role("status")).to_contain_text("备注已记下")
        await self._note(mine, "灯头烧了，已报修")
        await expect(mine.get_by_role("alert")).to_contain_text("没有覆盖任何内容")
        await expect(mine.get_by_label("备注", exact=True)).to_have_value("灯头烧了，已报修")
        await expect(mine.locator(".timeline")).not_to_contain_text("已报修")
        await mine.get_by_role("button", name="记下").click()
        await expect(mine.get_by_role("status")).to_contain_text("备注已记下")
        for words in ("镇里看过了", "已报修"):
            await expect(mine.locator(".timeline")).to_contain_text(words)
        self._was_told(desk.visitor)
        await theirs.context.close()


class TestPhotos:
    async def test_are_added_and_seen(self, desk: Desk) -> None:
        page = desk.visitor.page
        await desk.open(f"/staff/cases/{desk.case_no}")
        await page.get_by_text("添加照片").click()
        picture = {"name": "灯.jpg", "mimeType": "image/jpeg", "buffer": photo((1600, 1200))}
        await page.locator("#photos").set_input_files(picture)  # type: ignore[arg-type]
        await page.get_by_label("说明（选填）").fill("换好的灯")
        await page.get_by_role("button", name="保存照片").click()
        await expect(page.get_by_role("status")).to_contain_text("照片已保存")
        image = page.get_by_role("img", name="换好的灯")
        await image.scroll_into_view_if_needed()
        await expect(image).to_have_js_property("naturalWidth", 240)
        assert await desk.visitor.accessibility_faults() == []
        assert not await desk.visitor.overflows()
        await page.get_by_role("link", name="换好的灯").click()
        await expect(page.locator("img")).to_have_js_property("naturalWidth", 1600)
