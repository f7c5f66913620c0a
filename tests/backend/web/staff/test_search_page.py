"""What the page says of a search that was not carried to the end."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backend.cases import finding
from tests.support.api import filed
from tests.support.staff import OpenBrowser


async def test_offers_to_go_on(
    service: httpx.AsyncClient,
    open_browser: OpenBrowser,
    new_case: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finding, "READ_AT_ONCE", 2)
    for n in range(3):
        await filed(service, new_case(), f"k{n}")
    city = await open_browser("city")
    unread = await city.get("/staff", tab="all", q="中")
    assert "继续找" in unread.text
    assert "刚才看了 2 件" in unread.text
    assert "没有找到，换几个字" not in unread.text
    ended = await city.get("/staff", tab="all", q="不会有的词")
    assert "继续找" not in ended.text
    assert "没有找到" in ended.text
