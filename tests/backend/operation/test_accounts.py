"""Making accounts from the command line."""

import pytest

from backend.core.clock import SystemClock
from backend.core.db import Database
from backend.core.resources import Resources
from backend.operation.accounts import AccountError, add, close, reset
from backend.staff.audit import AuditLog
from backend.staff.passwords import check_password
from backend.staff.repository import StaffRepository

VILLAGE = "441900119011"


async def test_a_new_account_has_a_first_password_that_must_be_replaced(
    database: Database, api_resources: Resources
) -> None:
    async with database.transaction() as session:
        rows = StaffRepository(session)
        audit = AuditLog(session, api_resources.vault, SystemClock())
        password = await add(rows, audit, username="li", role="village", village=VILLAGE)
        account = await rows.by_username("li")
        assert account is not None
        assert account.must_change_password
        assert account.town == "441900119"
        assert check_password(password, account.password_hash)
        account.must_change_password = False
        again = await reset(rows, audit, "li", "test")
        assert account.must_change_password
        assert check_password(again, account.password_hash)
        await close(rows, audit, "li", "test")
        assert not account.active
        actions = [entry.action for entry in await audit.page()]
        assert actions == ["account_closed", "password_changed", "account_created"]


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("village", {}),
        ("town", {}),
        ("village", {"village": "441900119999"}),
        ("town", {"town": "999999999"}),
    ],
)
async def test_the_place_must_fit(
    database: Database, api_resources: Resources, role: str, place: dict[str, str]
) -> None:
    async with database.transaction() as session:
        audit = AuditLog(session, api_resources.vault, SystemClock())
        with pytest.raises(AccountError):
            await add(StaffRepository(session), audit, username="li", role=role, **place)
