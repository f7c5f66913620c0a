"""The sentence on a policy: one at most, and never at the price of the answer."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from actions.backend_client import BackendClient
from actions.errors import BackendDown, BackendRefused
from actions.intake import policies
from actions.intake.draft import Item
from actions.intake.policies import policy_hint
from tests.actions.test_backend_client import SETTINGS

POLICY = {
    "title": "医疗救助",
    "department": "医疗保障部门",
    "procedure": "向镇街医保窗口申请",
    "sample": False,
}
ITEMS = [
    Item("透析没钱", "weixinyuan", "medical_aid"),
    Item("路灯坏了", "weishishi", "street_light"),
]


class Backend:
    """Stands for the backend: answers, refuses, or hangs."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def policy_to_tell(self, text: str, type_: str) -> Any:
        """What the test wants."""
        self.asked.append(type_)
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer == "hangs":
            await asyncio.sleep(60)
        return self.answer


@pytest.mark.parametrize(
    ("sample", "response"),
    [(False, "utter_policy_hint"), (True, "utter_policy_hint_sample")],
)
async def test_one_sentence_with_policy_department_and_way(sample: bool, response: str) -> None:
    backend = Backend({**POLICY, "sample": sample})
    (said,) = await policy_hint(backend, ITEMS)  # type: ignore[arg-type]
    assert said.response == response
    assert said.values == {k: v for k, v in POLICY.items() if k != "sample"}
    assert backend.asked == ["medical_aid"]


@pytest.mark.parametrize("answer", [None, BackendDown("x"), BackendRefused(500, "x"), "hangs"])
async def test_otherwise_none(answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "_PATIENCE_S", 0.05)
    assert await policy_hint(Backend(answer), ITEMS) == []  # type: ignore[arg-type]


async def test_the_question_is_put_with_the_type_and_for_a_sure_answer() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"items": [POLICY]})

    client = BackendClient(SETTINGS, httpx.MockTransport(handle))
    assert await client.policy_to_tell("透析没钱", "medical_aid") == POLICY
    assert dict(seen[0].url.params) == {
        "text": "透析没钱",
        "type": "medical_aid",
        "sure": "true",
    }
    assert seen[0].extensions["timeout"]["read"] == 1.0
