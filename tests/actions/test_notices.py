"""A wish about notices is kept and confirmed as what it comes to."""

from __future__ import annotations

from typing import Any

import pytest

from actions.notices.wishes import heed
from tests.actions.turns import turn


class Backend:
    """Answers with what can reach the person, and remembers what was asked."""

    def __init__(self, *channels: str, cases: int = 1) -> None:
        self.answer = {"cases": cases, "channels": list(channels), "phone": "138****1234"}
        self.asked: list[dict[str, Any]] = []

    async def heed_wish(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Keeps it."""
        self.asked.append(wish)
        return self.answer


@pytest.mark.parametrize(
    ("wish", "backend", "response"),
    [
        ("sms", Backend("sms", "webchat"), "utter_notice_sms"),
        ("sms", Backend("webchat"), "utter_notice_sms_not_now"),
        ("wechat", Backend("wechat"), "utter_notice_wechat"),
        ("wechat", Backend("sms"), "utter_notice_wechat_not_now"),
        ("none", Backend(), "utter_notice_none"),
        ("resume", Backend("sms"), "utter_notice_resume"),
        ("not_sms", Backend("webchat"), "utter_notice_not_sms"),
        ("not_wechat", Backend("sms"), "utter_notice_not_wechat"),
        ("sms", Backend(cases=0), "utter_notice_noted"),
    ],
)
async def test_is_confirmed(wish: str, backend: Backend, response: str) -> None:
    (saying,) = await heed(backend, turn("…", "notice_wish", notice_wish=wish))  # type: ignore[arg-type]
    assert saying.response == response
    assert backend.asked == [{"conversation_id": "c1", "channel": "webchat", "wish": wish}]


async def test_the_number_is_told_masked() -> None:
    (saying,) = await heed(Backend("sms"), turn("…", notice_wish="sms"))  # type: ignore[arg-type]
    assert saying.values["phone"] == "138****1234"
