"""Limited tries."""

from datetime import timedelta

import pytest

from backend.core.db import Database
from backend.core.errors import TooManyTriesError
from backend.core.throttle import Throttle
from tests.support.api import NOW


class TestThrottle:
    async def test_allows_until_the_tries_are_used_up(self, database: Database) -> None:
        throttle = Throttle("t", tries=2, window_s=60)
        async with database.transaction() as session:
            for _ in range(2):
                await throttle.check(session, "s", NOW)
                await throttle.record(session, "s", NOW)
            with pytest.raises(TooManyTriesError) as refused:
                await throttle.check(session, "s", NOW + timedelta(seconds=20))
        assert refused.value.headers == {"Retry-After": "40"}

    async def test_forgives_after_the_window(self, database: Database) -> None:
        throttle = Throttle("t", tries=1, window_s=60)
        async with database.transaction() as session:
            await throttle.record(session, "s", NOW)
            await throttle.check(session, "s", NOW + timedelta(seconds=60))

    async def test_subjects_and_scopes_are_apart(self, database: Database) -> None:
        async with database.transaction() as session:
            await Throttle("t", 1, 60).record(session, "s", NOW)
            await Throttle("t", 1, 60).check(session, "other", NOW)
            await Throttle("u", 1, 60).check(session, "s", NOW)

    async def test_a_refusal_keeps_the_count(self, database: Database) -> None:
        throttle = Throttle("t", tries=1, window_s=60)

        async def fail() -> None:
            async with database.transaction() as session:
                await throttle.record(session, "s", NOW)
                raise TooManyTriesError(1)

        with pytest.raises(TooManyTriesError):
            await fail()
        async with database.transaction() as session:
            with pytest.raises(TooManyTriesError):
                await throttle.check(session, "s", NOW)
