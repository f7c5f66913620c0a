"""The sample accounts in a browser, and the matters they file by the pages' own forms."""

import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta

import httpx
from playwright.async_api import Browser, BrowserContext, Page, StorageState, ViewportSize

from tests.backend.channels.wechat.test_photos import photo
from tests.support.readings import CALL
from tests.web.browser import DESKTOP, Visitor
from tests.web.look.stops import World
from tests.web.publishing import Published, publish

MEMBERS = ("agent", "village", "town", "city", "supervisor", "auditor")
_SETTLE_MS = 30_000
DANGEROUS_CALL = """坐席：您好，民生大莞家热线，请讲。
市民：两件事，我是长安镇上沙社区的。第一件，菜市场后面的下水道堵了，污水漫到路上。
坐席：还有呢？
市民：第二件，我侄女考上大学没钱交学费，一年要15000元，想申请助学。
坐席：好的，那边怎么这么吵？
市民：哎呀，隔壁木材厂着火了！
坐席：请您先到安全的地方，马上打119。您电话多少？
市民：13900005678，哦不，打13600009999吧，姓陈。"""
_TALK = (
    "我想反映一件身边的事",
    "长安上沙社区中南路菜市场门口的路灯坏了半个月",
    "我姓陈，13800001234",
)
_WORKS = {
    "description": "中南路菜市场门口的路灯坏了半个月，晚上黑，老人买菜摔过一跤，希望尽快修好。",
    "address": "中南路菜市场门口", "contact_name": "陈女士", "beneficiaries": "200",
}  # fmt: skip
_WISH = {
    "description": "邻居成伯八十二岁，独居，腿脚不便，想要一台轮椅，也想有人定期上门看看。",
    "address": "三巷七号", "contact_name": "李先生", "person": "成伯",
}  # fmt: skip


@dataclass(slots=True)
class People:
    """Everybody's browser state, signed in once."""

    browser: Browser
    address: str
    passwords: dict[str, str]
    zoom: float = 1.0
    _states: dict[str, StorageState] = field(default_factory=dict)

    async def context(self, who: str, size: ViewportSize = DESKTOP) -> BrowserContext:
        """A browser of that person's own; somebody who is no member of staff is not signed in."""
        if who in MEMBERS and who not in self._states:
            await self._sign_in(who)
        seen = ViewportSize(
            width=round(size["width"] / self.zoom), height=round(size["height"] / self.zoom)
        )
        return await self.browser.new_context(
            viewport=seen,
            device_scale_factor=self.zoom,
            locale="zh-CN",
            storage_state=self._states.get(who),
        )

    async def world(self) -> World:
        """File one matter of each kind, read two calls and an upload, talk once."""
        phone = f"1380{secrets.randbelow(10**7):07}"
        village = await (await self.context("village")).new_page()
        works = await self._enter(village, "street_light", {**_WORKS, "contact_phone": phone}, True)
        await self._work_on(village, works)
        wish = await self._enter(village, "medical_aid", {**_WISH, "contact_phone": phone}, False)
        await village.context.close()
        await self._talk()
        agent = await (await self.context("agent")).new_page()
        found = World(
            works=works,
            wish=wish,
            works_phone=phone,
            draft=await self._paste(agent, DANGEROUS_CALL),
            filed=await self._file(agent),
            batch=await self._upload(agent),
            published=await self._publish(),
        )
        await agent.context.close()
        return found

    async def _publish(self) -> Published:
        """As the city, by the API."""
        given = {"username": "city", "password": self.passwords["city"]}
        async with httpx.AsyncClient(base_url=self.address, trust_env=False) as http:
            token = (await http.post("/api/v1/auth/token", json=given)).json()["access_token"]
            http.headers["Authorization"] = f"Bearer {token}"
            return await publish(http)

    async def _sign_in(self, who: str) -> None:
        context = await self.browser.new_context(viewport=DESKTOP, locale="zh-CN")
        page = await context.new_page()
        await page.goto(f"{self.address}/staff/sign-in")
        await page.get_by_label("用户名").fill(who)
        await page.get_by_label("密码").fill(self.passwords[who])
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="工作台").wait_for()
        self._states[who] = await context.storage_state()
        await context.close()

    async def _enter(self, page: Page, kind: str, words: dict[str, str], with_photo: bool) -> str:
        await page.goto(f"{self.address}/staff/new")
        await page.locator("#type").select_option(kind)
        for name, value in words.items():
            await page.locator(f"#{name}").fill(value)
        if with_photo:
            picture = {"name": "灯.jpg", "mimeType": "image/jpeg", "buffer": photo((1600, 1200))}
            await page.locator("#photos").set_input_files(picture)  # type: ignore[arg-type]
        await page.get_by_role("button", name="登记", exact=True).click()
        await page.wait_for_url("**/staff/cases/**")
        return page.url.rpartition("/")[2].partition("?")[0]

    async def _work_on(self, page: Page, case_no: str) -> None:
        await page.get_by_text("写备注").click()
        await page.get_by_label("备注", exact=True).fill("已到现场看过，灯杆完好，灯头烧了。")
        await page.get_by_role("button", name="记下").click()
        await page.goto(f"{self.address}/staff/cases/{case_no}")
        await page.get_by_text("组织协商").first.click()
        await page.get_by_label("会议日期").fill(str(date.today() + timedelta(days=5)))
        await page.get_by_role("button", name="组织协商").click()
        await page.get_by_role("status").wait_for()

    async def _talk(self) -> None:
        context = await self.context("talker")
        visitor = Visitor(await context.new_page(), self.address)
        await visitor.open()
        for words in _TALK:
            heard = await visitor.page.locator(".entry.bot").count()
            await visitor.say(words)
            answer = visitor.page.locator(".entry.bot").nth(heard)
            await answer.wait_for(timeout=_SETTLE_MS)
        self._states["talker"] = await context.storage_state()
        await context.close()

    async def _paste(self, page: Page, words: str) -> str:
        await page.goto(f"{self.address}/desk")
        await page.locator("#text").fill(words)
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url("**/desk/drafts/**", timeout=_SETTLE_MS)
        return page.url.rpartition("/")[2].partition("#")[0]

    async def _file(self, page: Page) -> str:
        draft = await self._paste(page, CALL)
        await page.keyboard.press("F9")
        await page.locator(".filed-no").wait_for(timeout=_SETTLE_MS)
        return draft

    async def _upload(self, page: Page) -> str:
        await page.goto(f"{self.address}/desk")
        calls = f"{CALL}\n====\n{DANGEROUS_CALL}\n====\n喂，听得到吗？信号不好，我等下再打。"
        file = {"name": "今天上午.txt", "mimeType": "text/plain", "buffer": calls.encode()}
        await page.locator("#files").set_input_files(file)  # type: ignore[arg-type]
        await page.get_by_role("button", name="上传并识别").click()
        await page.wait_for_url("**/desk?batch=*")
        return page.url.rpartition("=")[2]
