"""Signing in on the page: sessions, form tokens, the first password, throttling."""

import re
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from backend.core.clock import FixedClock
from backend.core.db import Database
from backend.core.resources import Resources
from backend.staff.models import AuditEntry, StaffAccount
from backend.staff.passwords import hash_password
from backend.web.staff.session import COOKIE, safe_target
from tests.support.api import NOW
from tests.support.staff import Browser, OpenBrowser

PASSWORD = "correct horse battery"


async def add_account(database: Database, *, must_change_password: bool = False) -> None:
    """``chen`` of the city."""
    async with database.transaction() as session:
        session.add(
            StaffAccount(
                username="chen",
                display_name="陈工",
                role="city",
                password_hash=hash_password(PASSWORD),
                active=True,
                must_change_password=must_change_password,
                created_at=NOW,
            )
        )


@pytest_asyncio.fixture(loop_scope="function")
async def account(database: Database) -> None:
    """An account whose password is its own."""
    await add_account(database)


async def sign_in(
    visitor: Browser, password: str = PASSWORD, target: str = "", username: str = "chen"
) -> httpx.Response:
    """Open the form and send it."""
    form = await visitor.get("/staff/sign-in", next=target)
    return await visitor.http.post("/staff/sign-in", data=fields(form, username, password))


def fields(form: httpx.Response, username: str, password: str) -> dict[str, str]:
    """The form's hidden fields with what is typed."""
    hidden = dict(re.findall(r'name="(csrf|next)" value="([^"]*)"', form.text))
    return {**hidden, "username": username, "password": password}


def token_in(page: httpx.Response) -> str:
    """The session's form token in a page."""
    found = re.search(r'data-csrf="(\w+)"', page.text)
    assert found
    return found.group(1)


@pytest.mark.usefixtures("account")
class TestSession:
    async def test_opens_the_page_asked_for(self, stranger: Browser) -> None:
        sent = await stranger.get("/staff", view="overdue")
        assert sent.status_code == 303
        assert sent.headers["location"] == "/staff/sign-in?next=%2Fstaff%3Fview%3Doverdue"
        answer = await sign_in(stranger, target="/staff?view=overdue")
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff?view=overdue")
        assert (await stranger.get("/staff")).status_code == 200

    async def test_the_cookie_is_out_of_reach_for_scripts(self, stranger: Browser) -> None:
        cookie = (await sign_in(stranger)).headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie

    async def test_ends_when_idle(self, stranger: Browser, clock: FixedClock) -> None:
        await sign_in(stranger)
        clock.at += timedelta(minutes=59)
        assert (await stranger.get("/staff")).status_code == 200
        clock.at += timedelta(minutes=59)
        assert (await stranger.get("/staff")).status_code == 200
        clock.at += timedelta(minutes=60)
        assert (await stranger.get("/staff")).status_code == 303

    async def test_ends_after_twelve_hours_in_use(
        self, stranger: Browser, clock: FixedClock
    ) -> None:
        await sign_in(stranger)
        for _ in range(24):
            clock.at += timedelta(minutes=30)
            answer = await stranger.get("/staff")
        assert answer.status_code == 303

    async def test_ends_with_signing_out(self, stranger: Browser) -> None:
        await sign_in(stranger)
        token = stranger.http.cookies[COOKIE]
        csrf = token_in(await stranger.get("/staff"))
        await stranger.http.post("/staff/sign-out", data={"csrf": csrf})
        stranger.http.cookies.set(COOKIE, token)
        assert (await stranger.get("/staff")).status_code == 303

    async def test_is_no_bearer_token(self, stranger: Browser) -> None:
        await sign_in(stranger)
        headers = {"Authorization": f"Bearer {stranger.http.cookies[COOKIE]}"}
        assert (await stranger.http.get("/api/v1/auth/me", headers=headers)).status_code == 401

    async def test_a_caller_of_the_api_gets_a_problem_not_a_page(self, stranger: Browser) -> None:
        answer = await stranger.http.get("/staff", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


class TestTarget:
    @pytest.mark.parametrize("path", ["/staff", "/staff/cases/WSS1?x=1", "/desk", "/desk?a=b"])
    def test_ours(self, path: str) -> None:
        assert safe_target(path) == path

    @pytest.mark.parametrize(
        "path", [None, "", "//evil.example", "https://evil.example", "/staffx", "/staff//e", "/\\e"]
    )
    def test_everything_else_leads_home(self, path: str | None) -> None:
        assert safe_target(path) == "/staff"


@pytest.mark.usefixtures("account")
class TestForms:
    async def test_a_foreign_sign_in_form_is_refused(self, stranger: Browser) -> None:
        answer = await stranger.http.post(
            "/staff/sign-in", data={"username": "chen", "password": PASSWORD, "csrf": "x"}
        )
        assert answer.status_code == 403
        assert COOKIE not in answer.cookies

    @pytest.mark.parametrize("csrf", [None, "", "x", "ü"])
    async def test_a_form_without_the_sessions_token_is_refused(
        self, stranger: Browser, csrf: str | None
    ) -> None:
        await sign_in(stranger)
        answer = await stranger.http.post("/staff/sign-out", data={"csrf": csrf} if csrf else {})
        assert answer.status_code == 403
        assert (await stranger.get("/staff")).status_code == 200

    async def test_the_header_serves_as_well(self, stranger: Browser) -> None:
        await sign_in(stranger)
        csrf = token_in(await stranger.get("/staff"))
        answer = await stranger.http.post("/staff/sign-out", headers={"X-CSRF-Token": csrf})
        assert answer.status_code == 303

    async def test_scripts_and_styles_come_from_here_only(self, stranger: Browser) -> None:
        for path in ("/staff/sign-in", "/staff"):
            policy = (await stranger.get(path)).headers["content-security-policy"]
            assert "unsafe" not in policy
            assert "script-src 'self'" in policy or path == "/staff"


@pytest.mark.usefixtures("account")
class TestThrottling:
    async def test_five_wrong_tries_close_the_door(
        self, stranger: Browser, clock: FixedClock
    ) -> None:
        for _ in range(5):
            assert (await sign_in(stranger, "wrong")).status_code == 401
        blocked = await sign_in(stranger)
        assert (blocked.status_code, blocked.headers["retry-after"]) == (429, "300")
        clock.at += timedelta(seconds=300)
        assert (await sign_in(stranger)).status_code == 303

    async def test_every_try_is_in_the_audit_log(
        self, stranger: Browser, database: Database
    ) -> None:
        await sign_in(stranger, "wrong")
        await sign_in(stranger, "x", username="secret typed into the wrong field")
        await sign_in(stranger)
        async with database.transaction() as session:
            entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
        assert [(entry.staff, entry.action) for entry in entries] == [
            ("chen", "sign_in_failed"),
            ("（未知账号）", "sign_in_failed"),
            ("chen", "sign_in"),
        ]


class TestFirstPassword:
    NEW = "evening tea on the river"

    async def change(self, visitor: Browser, **changes: str) -> httpx.Response:
        """Send the form of the password page."""
        csrf = token_in(await visitor.get("/staff/password"))
        typed = {"present": PASSWORD, "new": self.NEW, "again": self.NEW, **changes}
        return await visitor.http.post("/staff/password", data={"csrf": csrf, **typed})

    async def test_must_be_replaced_before_anything_else(
        self, stranger: Browser, database: Database
    ) -> None:
        await add_account(database, must_change_password=True)
        await sign_in(stranger)
        assert (await stranger.get("/staff")).headers["location"] == "/staff/password"
        old = stranger.http.cookies[COOKIE]
        assert (await self.change(stranger)).status_code == 303
        assert (await stranger.get("/staff")).status_code == 200
        assert stranger.http.cookies[COOKIE] != old
        stranger.http.cookies.clear()
        assert (await sign_in(stranger, self.NEW)).status_code == 303

    async def test_opens_no_api(
        self, stranger: Browser, database: Database, api_resources: Resources
    ) -> None:
        await add_account(database, must_change_password=True)
        answer = await stranger.http.post(
            "/api/v1/auth/token", json={"username": "chen", "password": PASSWORD}
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "password_change_needed")

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            pytest.param({"present": "wrong"}, "现在的密码不对", id="present"),
            pytest.param({"new": "short", "again": "short"}, "至少 10 个字符", id="short"),
            pytest.param({"again": "another one entirely"}, "不一样", id="typo"),
            pytest.param({"new": "chen chen chen", "again": "chen chen chen"}, "用户名", id="name"),
            pytest.param({"new": "a" * 12, "again": "a" * 12}, "太简单", id="simple"),
            pytest.param({"new": PASSWORD, "again": PASSWORD}, "不一样", id="same"),
        ],
    )
    async def test_is_refused_with_the_reason(
        self, stranger: Browser, database: Database, changes: dict[str, str], says: str
    ) -> None:
        await add_account(database, must_change_password=True)
        await sign_in(stranger)
        answer = await self.change(stranger, **changes)
        assert answer.status_code == 400
        assert says in answer.text


async def test_a_signed_in_page_names_who_it_is(open_browser: OpenBrowser) -> None:
    page = await (await open_browser("town", town="441900119")).get("/staff")
    assert "town经办人" in page.text
    assert "长安镇" in page.text
