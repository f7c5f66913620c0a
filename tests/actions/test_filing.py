"""Filing: the number a citizen hears is the one the backend gave, or there is none."""

from __future__ import annotations

from typing import Any

import pytest

from actions.dates import spoken_date
from actions.errors import BackendDown
from actions.intake.draft import Contact, Draft, Item
from actions.intake.filing import case_body, file_items
from tests.actions.turns import CHANGAN, SHANGSHA, turn


class RememberingBackend:
    """Stands for the backend: remembers what was filed, or is down."""

    def __init__(self, *, down: bool = False) -> None:
        self.down = down
        self.filed: dict[str, dict[str, Any]] = {}

    async def create_case(self, case: dict[str, Any], key: str) -> dict[str, Any]:
        """The same key gives the same number."""
        if self.down:
            raise BackendDown
        self.filed.setdefault(key, case)
        number = list(self.filed).index(key)
        return {
            "case_no": f"WSS2611210001{number}",
            "due": {"at": "2026-12-06T23:59:59+08:00", "provisional": False},
        }


def draft() -> Draft:
    """Two matters, one contact."""
    items = [
        Item("路灯坏了", "weishishi", "street_light", town=CHANGAN, village=SHANGSHA),
        Item("没钱治病", "weixinyuan", "medical_aid", town=CHANGAN, village=SHANGSHA),
    ]
    return Draft(id="d1", items=items, contact=Contact("陈女士", "13800001234"))


async def test_each_matter_gets_its_own_number_and_date() -> None:
    backend, given = RememberingBackend(), draft()
    sayings = await file_items(backend, given, turn(), given.items)  # type: ignore[arg-type]
    assert [s.response for s in sayings] == [
        "utter_filed_weishishi_due",
        "utter_filed_weixinyuan_due",
    ]
    assert [s.values["due"] for s in sayings] == ["12月6日", "12月6日"]


async def test_filing_again_files_nothing_twice() -> None:
    backend, given = RememberingBackend(), draft()
    await file_items(backend, given, turn(), given.items)  # type: ignore[arg-type]
    await file_items(backend, given, turn(), given.items)  # type: ignore[arg-type]
    assert len(backend.filed) == 2


async def test_a_backend_that_is_down_gives_no_number() -> None:
    given = draft()
    with pytest.raises(BackendDown):
        await file_items(RememberingBackend(down=True), given, turn(), given.items)  # type: ignore[arg-type]


def test_without_a_phone_the_case_is_anonymous() -> None:
    given = draft()
    given.contact = Contact()
    assert case_body(given, given.items[0], turn())["anonymous"] is True


@pytest.mark.parametrize(
    ("moment", "spoken"),
    [
        ("2026-11-30T23:59:59+08:00", "11月30日"),
        ("2026-11-30T16:30:00Z", "12月1日"),
        ("2026-01-05", "1月5日"),
    ],
)
def test_dates_are_spoken_in_local_time(moment: str, spoken: str) -> None:
    assert spoken_date(moment) == spoken
