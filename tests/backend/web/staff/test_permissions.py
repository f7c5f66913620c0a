"""The permissions matrix: every page and API call, as every role and as a stranger.

Addresses are read from the application, so a new one is walked without being named here. Each case
carries words that occur nowhere else; whoever may not know of a case must never meet them.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import func, select
from starlette.routing import BaseRoute

from backend.cases.models import Case, CaseEvent, FollowUp, Reminder
from backend.core.db import Database
from backend.staff.rules import PERMISSIONS, Role
from tests.backend.cases.test_claims import FIELDS, PLAN
from tests.support.api import SignIn, filed
from tests.support.staff import Browser, OpenBrowser

TOWN, VILLAGE, NEIGHBOUR = "441900119", "441900119011", "441900119002"
OTHER_TOWN, OTHER_VILLAGE = "441900003", "441900003001"
NewCase = Callable[..., dict[str, Any]]
ROLES: dict[str, tuple[Role, dict[str, str], set[str]]] = {
    "hotline": ("hotline", {}, {"agent"}),
    "village": ("village", {"town": TOWN, "village": VILLAGE}, {"here", "wish"}),
    "town": ("town", {"town": TOWN}, {"here", "wish", "near"}),
    "city": ("city", {}, {"here", "wish", "near", "far", "agent"}),
    "supervisor": ("supervisor", {}, {"here", "wish", "near", "far", "agent"}),
    "village supervisor": (
        "supervisor",
        {"town": TOWN, "village": VILLAGE},
        {"here", "wish"},
    ),
    "auditor": ("auditor", {}, {"here", "wish", "near", "far", "agent"}),
}
BLIND = {"supervisor", "auditor"}
OPEN_TO_ALL = {
    "/api/v1/auth/token",
    "/api/v1/taxonomy",
    "/api/v1/places",
    "/api/v1/places/search",
    "/api/v1/public/publications",
    "/api/v1/public/publications/{number}",
    "/api/v1/public/statistics",
    "/staff/sign-in",
}
OUTSIDE = {
    ("GET", "/"), ("GET", "/public"), ("GET", "/public/hall"), ("GET", "/public/under-way"),
    ("GET", "/public/results"), ("GET", "/public/numbers"), ("GET", "/public/items/{number}"),
    ("POST", "/public/items/{number}/offers"), ("POST", "/progress"), ("GET", "/chat"), ("POST", "/chat/end"), ("WS", "/chat/ws"),
    ("MOUNT", "/static"), ("GET", "/docs"), ("GET", "/openapi.json"),
    ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"),
    ("GET", "/webhooks/wechat"), ("POST", "/webhooks/wechat"),
    ("POST", "/webhooks/sms/inbound"), ("POST", "/webhooks/sms/status"),
}  # fmt: skip
"""What no member of staff signs in for: citizens' pages, machines, the API's description."""


@dataclass
class Planted:
    """A case with its tell-tale words."""

    key: str
    case_no: str
    words: str
    name: str
    phone: str
    is_wish: bool = False


@dataclass
class World:
    """Cases everywhere, and somebody looking at them through both doors."""

    cases: dict[str, Planted]
    doors: dict[str, tuple[httpx.AsyncClient, Browser]] = field(default_factory=dict)


def _planted(key: str, number: int) -> Planted:
    mark = "甲乙丙丁戊"[number]
    return Planted(
        key,
        "",
        f"{mark}暗{mark}号{mark}",
        f"{mark}女士",
        f"1380000{number}77{number}",
        key == "wish",
    )


@pytest_asyncio.fixture(loop_scope="function")
async def world(
    service: httpx.AsyncClient,
    sign_in: SignIn,
    open_browser: OpenBrowser,
    new_case: NewCase,
    database: Database,
) -> AsyncIterator[World]:
    """Five cases in four places, seven members of staff."""
    places = {
        "here": (TOWN, VILLAGE),
        "wish": (TOWN, VILLAGE),
        "near": (TOWN, NEIGHBOUR),
        "far": (OTHER_TOWN, OTHER_VILLAGE),
        "agent": (OTHER_TOWN, OTHER_VILLAGE),
    }
    doors: dict[str, tuple[httpx.AsyncClient, Browser]] = {}
    for number, (label, (role, place, _)) in enumerate(ROLES.items()):
        http = await sign_in(role, **place)
        doors[label] = (http, await open_browser(role, account_of=f"{role}-{number}", **place))
    cases = {}
    for number, (key, (town, village)) in enumerate(places.items()):
        one = _planted(key, number)
        kind = {"type": "medical_aid", "group": None, "category": None} if one.is_wish else {}
        body = new_case(
            **kind,
            town=town,
            village=village,
            description=f"{one.words}，{one.name}说灯坏了",
            summary=f"{one.words}，{one.name}家门口",
            address=f"{one.words}巷",
            contact_name=one.name,
            contact_phone=one.phone,
            conversation_id=f"conversation {one.words}",
            channel="hotline" if key == "agent" else "webchat",
        )
        filer = doors["hotline"][0] if key == "agent" else service
        one.case_no = (await filed(filer, body, key))["case_no"]
        cases[key] = one
    await _remind(database)
    yield World(cases, doors)


async def _remind(database: Database) -> None:
    """Every level was told of every case, and somebody was not content with each."""
    async with database.transaction() as session:
        for case in await session.scalars(select(Case)):
            told = {"case_id": case.id, "what": case.due_what, "at": case.created_at}
            for level in ("village", "town", "city"):
                stage = "after" if level == "village" else f"escalated_{level}"
                session.add(Reminder(**told, due_at=case.due_at, stage=stage, level=level))
            session.add(
                FollowUp(
                    case_id=case.id,
                    reason="rated_low",
                    opened_at=case.created_at,
                    due_at=case.due_at,
                    due_basis="11月3日收到不满意评价",
                    due_provisional=False,
                )
            )


def addresses(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Method and path of everything that staff could reach: the API's description, and pages."""
    for path, operations in app.openapi()["paths"].items():
        if path.startswith("/api/v1"):
            yield from ((method.upper(), path) for method in operations)
    for route in _routes(app.routes):
        if route.path.startswith(("/staff", "/desk")):
            yield from (
                (method, route.path) for method in sorted((route.methods or set()) - {"HEAD"})
            )


def _routes(routes: Any) -> Iterator[APIRoute]:
    return (route for _, route in _everything(routes) if isinstance(route, APIRoute))


def _everything(routes: Any, prefix: str = "") -> Iterator[tuple[str, BaseRoute]]:
    """Full path and route of all there is, included routers unfolded."""
    for route in routes:
        included = getattr(route, "include_context", None)
        if included is None:
            yield prefix + route.path, route
            continue
        yield from _everything(included.included_router.routes, prefix + included.prefix)


def every_address(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of everything the application answers to, described or not."""
    kinds = {"APIWebSocketRoute": "WS", "Mount": "MOUNT"}
    found = set()
    for path, route in _everything(app.routes):
        methods = getattr(route, "methods", None) or {kinds.get(type(route).__name__, "?")}
        found |= {(method, path) for method in methods - {"HEAD"}}
    return found


def filled(path: str, case_no: str) -> str:
    """The path with its parameters."""
    values = {"case_no": case_no, "act": "note"}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: values.get(found.group(1), "1"), path)


BODY = {
    "reason": "想看看", "note": "试试", "to": "policy_check", "version": 1, "channel": "webchat",
    "conversation_id": "nobody", "text": "试试", "score": 5, "phone_last4": "0000", "kind": "message",
}  # fmt: skip


async def call(
    http: httpx.AsyncClient, browser: Browser, method: str, path: str, case: Planted
) -> httpx.Response:
    """Call an address as its users do: a form on pages, JSON on the API."""
    address = filled(path, case.case_no)
    if not path.startswith("/api/v1"):
        if method == "GET":
            return await browser.get(address)
        ticked = {"cases": f"{case.case_no}:1", "act": "note"}
        return await browser.post(address, **{k: str(v) for k, v in BODY.items()}, **ticked)
    address = address.removeprefix("/api/v1")
    if method == "GET":
        params = (
            {"type": "street_light", "text": case.words, "q": "上沙"}
            if "similar" in path or "search" in path
            else {}
        )
        return await http.get(address, params=params)
    headers = {"Idempotency-Key": "matrix"}
    body = {**BODY, "case_no": case.case_no}
    return await http.request(method, address, json=body, headers=headers)


def leaks(label: str, world: World, text: str) -> list[str]:
    """What this member of staff must not have read."""
    role, _, visible = ROLES[label]
    found = []
    for one in world.cases.values():
        secrets = {one.name, f"{one.name[0]}**", one.phone, f"{one.phone[:3]}****{one.phone[-4:]}"}
        words = {one.words, one.case_no}
        if one.key not in visible:
            forbidden = secrets | words
        elif role in BLIND:
            forbidden = secrets | {"conversation "} | ({one.words} if one.is_wish else set())
        else:
            forbidden = {one.phone}
        found += [f"{one.key}: {word}" for word in forbidden if word in text]
    return found


async def _state(database: Database) -> tuple[int, int]:
    async with database.transaction() as session:
        versions = await session.scalar(select(func.sum(Case.version)))
        events = await session.scalar(select(func.count()).select_from(CaseEvent))
    return int(versions or 0), int(events or 0)


class TestCompleteness:
    def test_every_address_is_walked_or_named_as_open(self, app: FastAPI) -> None:
        walked = set(addresses(app))
        assert every_address(app) - walked == OUTSIDE
        assert walked <= every_address(app)

    async def test_what_is_open_tells_a_stranger_of_no_case(
        self, world: World, stranger: Browser
    ) -> None:
        for method, path in OUTSIDE:
            if method != "GET":
                continue
            answer = await stranger.get(path)
            assert answer.status_code != 500, path
            for one in world.cases.values():
                for word in (one.words, one.case_no, one.name, one.phone):
                    assert word not in answer.text, path


class TestPublications:
    """What is published may be read by anybody; the case behind it by nobody more than before."""

    WORDS: ClassVar[dict[str, dict[str, str]]] = {"publicity": PLAN, **FIELDS}

    async def _published(self, world: World, key: str, *steps: str) -> int:
        http, _ = world.doors["city"]
        case_no = world.cases[key].case_no
        for to in steps:
            body = {"to": to, "fields": self.WORDS.get(to)}
            answer = await http.post(f"/cases/{case_no}/transitions", json=body)
            assert answer.status_code == 200, answer.text
        section = "hall" if key == "wish" else "notice"
        listed = await http.get("/public/publications", params={"section": section})
        return int(listed.json()["items"][0]["number"])

    async def test_neither_pages_nor_api_lead_from_them_to_a_case_or_a_person(
        self, app: FastAPI, world: World, stranger: Browser
    ) -> None:
        numbers = (
            await self._published(world, "here", "deliberation", "review", "publicity"),
            await self._published(
                world, "wish", "verification", "assessment", "claim_pending", "claim_open"
            ),
        )
        said = ""
        paths = {path for method, path in every_address(app) if method == "GET"}
        for path in sorted(paths):
            if not path.startswith(("/public", "/api/v1/public")):
                continue
            for number in numbers:
                for query in ("", "?section=hall", f"?town={TOWN}"):
                    answer = await stranger.get(path.replace("{number}", str(number)) + query)
                    assert answer.status_code == 200, path
                    said += answer.text
        assert PLAN["content"] in said
        assert FIELDS["claim_open"]["public_text"] in said
        for one in world.cases.values():
            last4 = one.phone[-4:]
            for word in (one.words, one.case_no, one.name, one.phone, f"****{last4}"):
                assert word not in said, word


class TestMatrix:
    @pytest.mark.parametrize("label", ROLES)
    async def test_nothing_leaks_on_any_reading(
        self, app: FastAPI, world: World, label: str
    ) -> None:
        http, browser = world.doors[label]
        walked = 0
        for method, path in addresses(app):
            if method != "GET":
                continue
            for case in world.cases.values():
                answer = await call(http, browser, method, path, case)
                assert answer.status_code != 500, path
                assert leaks(label, world, answer.text) == [], path
                walked += 1
                if "{case_no}" not in path:
                    break
        assert walked >= 25

    @pytest.mark.parametrize("label", ROLES)
    async def test_nothing_out_of_scope_can_be_changed_or_read_by_writing(
        self, app: FastAPI, world: World, label: str, database: Database
    ) -> None:
        role, _, visible = ROLES[label]
        http, browser = world.doors[label]
        hidden = [one for one in world.cases.values() if one.key not in visible]
        targets = list(world.cases.values()) if role in BLIND else hidden
        before = await _state(database)
        for case in targets:
            for method, path in addresses(app):
                if method == "GET" or path in OPEN_TO_ALL or path.endswith(("/sign-out", "/token")):
                    continue
                answer = await call(http, browser, method, path, case)
                assert leaks(label, world, answer.text) == [], f"{method} {path}"
                if "{case_no}" in path:
                    assert answer.status_code in (400, 403, 404, 422), f"{method} {path}"
        assert await _state(database) == before

    async def test_a_stranger_gets_nothing(
        self, app: FastAPI, world: World, stranger: Browser, database: Database
    ) -> None:
        before = await _state(database)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://test/api/v1"
        ) as http:
            for method, path in addresses(app):
                if path in OPEN_TO_ALL:
                    continue
                answer = await call(http, stranger, method, path, world.cases["here"])
                is_sent_to_sign_in = answer.headers.get("location", "").startswith("/staff/sign-in")
                assert answer.status_code == 401 or is_sent_to_sign_in, f"{method} {path}"
        assert await _state(database) == before

    async def test_every_form_needs_its_token(self, app: FastAPI, world: World) -> None:
        forms = 0
        for _, browser in (world.doors["city"], world.doors["auditor"]):
            for method, path in addresses(app):
                if method == "GET" or path.startswith("/api/v1") or path in OPEN_TO_ALL:
                    continue
                address = filled(path, world.cases["here"].case_no)
                answer = await browser.http.request(method, address, data={"csrf": "x"})
                assert answer.status_code == 403, path
                assert "页面放得久了" in answer.text, path
                forms += 1
        assert forms >= 10


class TestCounts:
    @pytest.mark.parametrize("label", ROLES)
    async def test_the_tabs_count_what_is_visible(self, world: World, label: str) -> None:
        _, browser = world.doors[label]
        shown = (await browser.get("/staff", tab="all")).text
        listed = set(re.findall(r'case-title"><a href="/staff/cases/(\w+)"', shown))
        visible = ROLES[label][2]
        assert listed == {world.cases[key].case_no for key in visible}
        counts = re.findall(r'class="count[^"]*">(\d+)', shown)
        told, *tabs = (int(count) for count in counts)
        assert all(count <= len(visible) for count in tabs)
        assert 0 < told <= len(visible) * 3

    @pytest.mark.parametrize("label", ROLES)
    async def test_a_search_finds_nothing_out_of_scope(self, world: World, label: str) -> None:
        http, browser = world.doors[label]
        role, _, visible = ROLES[label]
        for one in world.cases.values():
            for words in (one.words, one.case_no, one.phone):
                page = await browser.get("/staff", tab="all", q=words)
                hits = len(re.findall(r'case-title"><a', page.text))
                may_find = one.key in visible and (role not in BLIND or words == one.case_no)
                assert page.status_code == (403 if role in BLIND and words != one.case_no else 200)
                if page.status_code == 200:
                    assert hits == int(may_find), words
                answer = await http.get("/cases", params={"q": words})
                if role in BLIND:
                    assert answer.status_code == 403
                elif one.key not in visible:
                    assert answer.json()["items"] == []


class TestPages:
    @pytest.mark.parametrize(
        ("path", "permission"),
        [
            pytest.param("/staff", "see_cases", id="work list"),
            pytest.param("/staff/new", "file_case", id="quick entry"),
            pytest.param("/staff/audit", "read_audit", id="audit log"),
        ],
    )
    @pytest.mark.parametrize("label", ROLES)
    async def test_open_to_those_who_may(
        self, world: World, label: str, path: str, permission: Any
    ) -> None:
        role = ROLES[label][0]
        answer = await world.doors[label][1].get(path)
        assert answer.status_code == (200 if permission in PERMISSIONS[role] else 403)
