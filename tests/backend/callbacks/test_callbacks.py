"""Call-back tasks."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from backend.callbacks.models import Callback
from backend.core.db import Database
from tests.support.api import SignIn

ASKED = {
    "conversation_id": "webchat-1",
    "channel": "webchat",
    "phone": "13800001234",
    "reason": "asked_for_person",
    "text": "想找人说",
}


async def asked(service: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    """Ask to be rung."""
    answer = await service.post("/callbacks", json=ASKED | changes)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


class TestAsking:
    async def test_twice_is_one_task_with_the_newest_words(
        self, service: httpx.AsyncClient, sign_in: SignIn
    ) -> None:
        first = await asked(service)
        assert (await asked(service, text="快点", phone=None))["id"] == first["id"]
        items = (await (await sign_in("hotline")).get("/callbacks")).json()["items"]
        assert [(item["text"], item["phone"]) for item in items] == [("快点", "13800001234")]

    async def test_a_finished_task_makes_room_for_a_new_one(
        self, service: httpx.AsyncClient, sign_in: SignIn
    ) -> None:
        first = await asked(service)
        done = await (await sign_in("hotline")).post(f"/callbacks/{first['id']}/done")
        assert done.json()["status"] == "done"
        assert (await asked(service))["id"] != first["id"]

    async def test_phone_and_words_are_sealed(
        self, service: httpx.AsyncClient, database: Database
    ) -> None:
        await asked(service)
        async with database.transaction() as session:
            row = (await session.scalars(select(Callback))).one()
        assert "138" not in row.sealed
        assert "想找" not in row.sealed

    @pytest.mark.parametrize(
        "change",
        [{"conversation_id": ""}, {"reason": "A B"}, {"phone": "1" * 41}, {"text": "\x00"}],
    )
    async def test_malformed(self, service: httpx.AsyncClient, change: dict[str, str]) -> None:
        assert (await service.post("/callbacks", json=ASKED | change)).status_code == 422

    async def test_is_for_the_service(self, sign_in: SignIn) -> None:
        assert (await (await sign_in("city")).post("/callbacks", json=ASKED)).status_code == 403


class TestRinging:
    async def test_danger_comes_first(self, service: httpx.AsyncClient, sign_in: SignIn) -> None:
        await asked(service)
        await asked(service, conversation_id="webchat-2", reason="danger")
        items = (await (await sign_in("city")).get("/callbacks")).json()["items"]
        assert [item["reason"] for item in items] == ["danger", "asked_for_person"]

    @pytest.mark.parametrize("role", ["auditor"])
    async def test_others_do_not_see_phones(
        self, service: httpx.AsyncClient, sign_in: SignIn, role: str
    ) -> None:
        task = await asked(service)
        staff = await sign_in(role, town="441900119", village="441900119011")
        assert (await staff.get("/callbacks")).status_code == 403
        assert (await staff.post(f"/callbacks/{task['id']}/done")).status_code == 403

    @pytest.mark.parametrize(("task", "status"), [("999", 404), ("0", 422), ("x", 422)])
    async def test_no_such_task(self, sign_in: SignIn, task: str, status: int) -> None:
        answer = await (await sign_in("city")).post(f"/callbacks/{task}/done")
        assert answer.status_code == status
