"""Every page somebody can come to, by who they are."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from playwright.async_api import Page

from tests.web.publishing import Published

Then = Callable[[Page], Awaitable[None]]
TABS = ("mine", "place", "overdue", "soon", "waiting", "all")
NO_SUCH_CASE = "WSS20010100012"


@dataclass(frozen=True, slots=True)
class World:
    """Where the matters that were filed for this look are found."""

    works: str
    wish: str
    works_phone: str
    draft: str
    filed: str
    batch: str
    published: Published


@dataclass(frozen=True, slots=True)
class Stop:
    """A page, who opens it, and what is done there before it is looked at."""

    who: str
    name: str
    path: str
    then: Then | None = None
    then_navigates: bool = False
    is_repeatable: bool = True
    status: int = 200


async def open_everything(page: Page) -> None:
    """Unfold every fold of the page's body."""
    await page.evaluate("document.querySelectorAll('main details').forEach((d) => (d.open = true))")


async def open_menu(page: Page) -> None:
    """Unfold the menu of the person who is signed in."""
    await page.locator(".bar-me summary").click()


async def submit(page: Page) -> None:
    """Send the page's form as it is, past the browser's own checks."""
    async with page.expect_navigation():
        await page.evaluate("document.querySelector('main form').submit()")


def stops(world: World) -> list[Stop]:
    """All of them."""
    return [*_public(world), *_village(world), *_desk(world), *_others(world)]


def _public(world: World) -> Iterator[Stop]:
    async def ask(page: Page) -> None:
        await page.locator("#case_no").fill(world.works)
        await page.locator("#phone_last4").fill(world.works_phone[-4:])
        async with page.expect_navigation():
            await page.locator(".progress button").click()

    yield Stop("visitor", "home", "/")
    yield Stop("visitor", "progress", "/", ask, then_navigates=True, is_repeatable=False)
    for name in ("", "hall", "under-way", "results", "numbers"):
        yield Stop("visitor", f"public-{name or 'notices'}", f"/public/{name}".rstrip("/"))
    yield Stop("visitor", "public-villages", "/public/numbers?town=441900119")
    yield Stop("visitor", "public-notice", f"/public/items/{world.published.notice}")
    yield Stop("visitor", "public-wish", f"/public/items/{world.published.wish}")
    yield Stop(
        "visitor",
        "public-offer-faults",
        f"/public/items/{world.published.wish}",
        submit,
        then_navigates=True,
        is_repeatable=False,
    )
    yield Stop("visitor", "public-gone", "/public/items/999999999", status=404)
    yield Stop("visitor", "chat", "/chat")
    yield Stop("visitor", "chat-embedded", "/chat?embed=1")
    yield Stop("talker", "chat-conversation", "/chat")
    yield Stop("visitor", "sign-in", "/staff/sign-in")
    yield Stop("visitor", "not-found", "/no-such-page", status=404)
    yield Stop("visitor", "docs", "/docs")


def _village(world: World) -> Iterator[Stop]:
    case = f"/staff/cases/{world.works}"
    for tab in TABS:
        yield Stop("village", f"work-list-{tab}", f"/staff?tab={tab}")
    yield Stop("village", "work-list-nothing-found", "/staff?tab=all&q=%E6%98%9F%E9%99%85")
    yield Stop("village", "work-list-filters", "/staff?tab=all&category=weishishi", open_everything)
    yield Stop("village", "menu", "/staff", open_menu)
    yield Stop("village", "reminders", "/staff/reminders")
    yield Stop("village", "entry", "/staff/new", open_everything)
    yield Stop(
        "village", "entry-faults", "/staff/new", submit, then_navigates=True, is_repeatable=False
    )
    yield Stop("village", "case-works", case)
    yield Stop("village", "case-works-unfolded", case, open_everything)
    yield Stop("village", "case-wish", f"/staff/cases/{world.wish}")
    yield Stop("village", "case-wish-unfolded", f"/staff/cases/{world.wish}", open_everything)
    yield Stop("village", "case-policies", f"{case}/policies")
    yield Stop("village", "wish-policies", f"/staff/cases/{world.wish}/policies")
    yield Stop("village", "policies", "/staff/policies")
    yield Stop("village", "password", "/staff/password")
    yield Stop("village", "forbidden", "/staff/audit", status=403)
    yield Stop("village", "no-such-case", f"/staff/cases/{NO_SUCH_CASE}", status=404)
    yield Stop("village", "no-such-page", "/staff/no-such-page", status=404)


def _desk(world: World) -> Iterator[Stop]:
    yield Stop("agent", "desk", "/desk")
    yield Stop("agent", "desk-batch", f"/desk?batch={world.batch}")
    yield Stop("agent", "desk-draft", f"/desk/drafts/{world.draft}")
    yield Stop("agent", "desk-filed", f"/desk/drafts/{world.filed}")
    yield Stop("agent", "work-list", "/staff?tab=all")
    yield Stop("agent", "reminders", "/staff/reminders")


def _others(world: World) -> Iterator[Stop]:
    case = f"/staff/cases/{world.works}"
    for who in ("town", "city", "supervisor", "auditor"):
        yield Stop(who, "work-list", "/staff?tab=all")
        yield Stop(who, "overdue", "/staff?tab=overdue")
        yield Stop(who, "case", case, open_everything)
        yield Stop(who, "wish", f"/staff/cases/{world.wish}")
        yield Stop(who, "reminders", "/staff/reminders")
    yield Stop("town", "case-published", f"/staff/cases/{world.published.wish_case}")
    yield Stop("city", "settings", "/staff/settings")
    yield Stop("city", "undelivered", "/staff/undelivered")
    yield Stop("city", "policies", "/staff/policies")
    yield Stop("city", "desk", "/desk")
    yield Stop("supervisor", "forbidden", "/staff/new", status=403)
    yield Stop("auditor", "audit", "/staff/audit")
