"""Cases that have come to the public's eye."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from backend.core.clock import SHANGHAI, FixedClock
from tests.backend.cases.test_claims import FIELDS, Wish
from tests.support.api import SignIn, client, filed

NewCase = Callable[..., dict[str, Any]]
TOWN, VILLAGE = "441900119", "441900119011"


@pytest.fixture
async def public(app: FastAPI) -> Any:
    """Anybody, without a token."""
    async with client(app) as http:
        yield http


@pytest.fixture
async def in_notice(service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase) -> Wish:
    """A street light in public notice since 3 November."""
    body = new_case(type="street_light", town=TOWN, village=VILLAGE, contact_name="陈玉兰")
    one = Wish(await sign_in("city"), (await filed(service, body, "notice"))["case_no"])
    for to in ("deliberation", "review", "publicity"):
        assert (await one.move(to, fields=FIELDS.get(to))).status_code == 200
    return one


@pytest.fixture
async def in_the_hall(service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase) -> Wish:
    """A wish published on 3 November, to claim until 3 December."""
    body = new_case(type="living_aid", category=None, group=None, town=TOWN, village=VILLAGE)
    body |= {"contact_name": "成大文", "address": "三巷七号", "description": "成伯想要一台轮椅"}
    one = Wish(await sign_in("city"), (await filed(service, body, "hall"))["case_no"])
    for to in ("verification", "assessment", "claim_pending", "claim_open"):
        answer = await one.move(to, fields=FIELDS.get(to))
        assert answer.status_code == 200, answer.text
    return one


@pytest.fixture
async def done(in_notice: Wish, clock: FixedClock) -> Wish:
    """The street light, finished and settled in December."""
    clock.at = datetime(2026, 12, 21, 9, tzinfo=SHANGHAI)
    steps: dict[str, dict[str, str] | None] = {
        "implementation": None,
        "settlement": {"finished_on": "2026-12-20", "spent_cny": "251300"},
        "completed": {"audit_result": "审计无异议", "effect": "夜里全线亮灯，居民出行安心。"},
    }
    for to, fields in steps.items():
        answer = await in_notice.move(to, fields=fields)
        assert answer.status_code == 200, answer.text
    return in_notice
