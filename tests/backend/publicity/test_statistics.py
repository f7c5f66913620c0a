"""Ratios come from counts, and counts from the worker."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx

from backend.core.clock import FixedClock
from backend.core.resources import Resources
from backend.publicity.schemas import Tally
from backend.publicity.statistics import LATE, StatisticsDesk
from backend.publicity.tasks import count
from tests.backend.cases.test_claims import Wish
from tests.support.api import filed

NewCase = Callable[..., dict[str, Any]]


async def numbers(public: httpx.AsyncClient) -> dict[str, Any]:
    """As anybody reads them."""
    answer = await public.get("/public/statistics")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


class TestRates:
    def test_are_computed_not_copied(self) -> None:
        """004 says 799, 781 and 97.8 %: it is 97.7."""
        rate = Tally(received=799, completed=781).completion_rate
        assert rate is not None
        assert f"{rate:.1%}" == "97.7%"

    def test_of_nothing_are_none(self) -> None:
        assert Tally().completion_rate is None
        assert Tally(received=3).told_rate is None


class TestCounts:
    async def test_begin_with_nothing(self, public: httpx.AsyncClient) -> None:
        empty = await numbers(public)
        assert empty["total"] == {"received": 0, "completed": 0, "told": 0}
        assert (empty["completion_rate"], empty["towns"], empty["months"]) == (None, [], [])

    async def test_by_category_town_and_month(
        self,
        public: httpx.AsyncClient,
        service: httpx.AsyncClient,
        done: Wish,
        in_the_hall: Wish,
        new_case: NewCase,
    ) -> None:
        await done.move("feedback", fields={"feedback_by": "电话"})
        await filed(service, new_case(town=None, village=None), "nowhere")
        found = await numbers(public)
        assert found["total"] == {"received": 3, "completed": 1, "told": 1}
        assert (found["completion_rate"], found["told_rate"]) == (1 / 3, 1.0)
        rows = {
            name: {row["label"]: (row["received"], row["completed"]) for row in found[name]}
            for name in ("categories", "towns", "months")
        }
        assert rows == {
            "categories": {"民生微实事": (2, 1), "民生微心愿": (1, 0)},
            "towns": {"长安镇": (2, 1), "地点待补": (1, 0)},
            "months": {"2026年12月": (2, 0), "2026年11月": (1, 1)},
        }

    async def test_are_counted_anew_by_the_worker(
        self, public: httpx.AsyncClient, in_the_hall: Wish, service: httpx.AsyncClient,
        new_case: NewCase, api_resources: Resources,
    ) -> None:  # fmt: skip
        assert (await numbers(public))["total"]["received"] == 1
        await filed(service, new_case(), "later")
        assert (await numbers(public))["total"]["received"] == 1
        assert await count(api_resources)
        assert (await numbers(public))["total"]["received"] == 2

    async def test_without_a_worker_the_page_counts_after_half_an_hour(
        self, public: httpx.AsyncClient, in_the_hall: Wish, service: httpx.AsyncClient,
        new_case: NewCase, clock: FixedClock,
    ) -> None:  # fmt: skip
        assert (await numbers(public))["total"]["received"] == 1
        await filed(service, new_case(), "later")
        clock.at += LATE - timedelta(seconds=1)
        assert (await numbers(public))["total"]["received"] == 1
        clock.at += timedelta(seconds=1)
        assert (await numbers(public))["total"]["received"] == 2

    async def test_villages_with_few_are_counted_together(
        self, in_notice: Wish, in_the_hall: Wish, api_resources: Resources
    ) -> None:
        async with api_resources.database.transaction() as session:
            rows = await StatisticsDesk(session, api_resources).villages("441900119")
        assert [(row.label, row.received) for row in rows] == [("其他村（社区）合计", 2)]
