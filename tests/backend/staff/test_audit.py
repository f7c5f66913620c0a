"""The audit log's chain: whole, and broken in every way."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from backend.core.clock import FixedClock
from backend.core.db import Database
from backend.core.resources import Resources
from backend.staff.audit import GENESIS, AuditLog, ChainWalk, seal, told
from backend.staff.models import AuditEntry
from tests.support.api import NOW

Entries = list[AuditEntry]


@pytest.fixture
def chain(api_resources: Resources) -> Entries:
    """Five entries."""
    entries: Entries = []
    for number in range(5):
        previous = entries[-1].mac if entries else GENESIS
        entry = AuditEntry(
            id=number + 1,
            at=NOW + timedelta(minutes=number),
            staff="village",
            action="reveal_contact",
            case_no=None,
            reason=f"理由{number}",
            address=None,
            previous=previous,
        )
        entry.mac = seal(api_resources.vault, entry, previous or GENESIS)
        entries.append(entry)
    return entries


def _changed(entries: Entries) -> Entries:
    entries[2].reason = "别的理由"
    return entries


def _swapped(entries: Entries) -> Entries:
    entries[1], entries[2] = entries[2], entries[1]
    return entries


def _unsealed_beginning(entries: Entries) -> Entries:
    for entry in entries[:2]:
        entry.mac = entry.previous = None
    return entries


class TestChain:
    def test_a_whole_one(self, api_resources: Resources, chain: Entries) -> None:
        walk = ChainWalk(api_resources.vault)
        walk.feed(chain)
        report = walk.report()
        assert report.is_whole
        assert (report.entries, report.head) == (5, chain[-1].mac)
        assert "5 条" in told(report)

    @pytest.mark.parametrize(
        ("damage", "at"),
        [
            pytest.param(_changed, 3, id="changed"),
            pytest.param(_swapped, 3, id="swapped"),
            pytest.param(lambda entries: entries[1:], 2, id="beginning cut off"),
            pytest.param(lambda entries: entries[:2] + entries[3:], 4, id="one left out"),
            pytest.param(_unsealed_beginning, 3, id="beginning passed off as older"),
        ],
    )
    def test_a_broken_one_says_where(
        self,
        api_resources: Resources,
        chain: Entries,
        damage: Callable[[Entries], Entries],
        at: int,
    ) -> None:
        walk = ChainWalk(api_resources.vault)
        walk.feed(damage(chain))
        assert walk.report().broken_at == at

    def test_a_noted_head_shows_a_cut_off_end(
        self, api_resources: Resources, chain: Entries
    ) -> None:
        walk = ChainWalk(api_resources.vault, chain[-1].mac)
        walk.feed(chain[:4])
        assert not walk.report().is_whole
        assert "截去" in told(walk.report())

    def test_another_key_cannot_forge_it(self, api_resources: Resources, chain: Entries) -> None:
        forger = type(api_resources.vault)(current=b"x" * 32, hash_key=b"y" * 32)
        chain[4].reason = "伪造"
        chain[4].mac = seal(forger, chain[4], chain[3].mac or "")
        walk = ChainWalk(api_resources.vault)
        walk.feed(chain)
        assert walk.report().broken_at == 5


class TestLog:
    async def test_what_is_written_can_be_verified(
        self, database: Database, api_resources: Resources, clock: FixedClock
    ) -> None:
        async with database.transaction() as session:
            log = AuditLog(session, api_resources.vault, clock)
            for number in range(3):
                clock.at += timedelta(microseconds=1)
                await log.write("city", "sign_in", address=f"10.0.0.{number}")
        async with database.transaction() as session:
            log = AuditLog(session, api_resources.vault, clock)
            assert (await log.verify()).is_whole
            await session.execute(text("alter table audit_log disable trigger all"))
            await session.execute(text("update audit_log set address = '10.0.0.9' where id > 0"))
            assert not (await log.verify()).is_whole

    async def test_the_auditor_checks_it_on_the_page(
        self, open_browser: object, database: Database, api_resources: Resources
    ) -> None:
        auditor = await open_browser("auditor")  # type: ignore[operator]
        async with database.transaction() as session:
            log = AuditLog(session, api_resources.vault, api_resources.clock)
            await log.write("village", "reveal_contact", case_no="WSS1", reason="约上门")
        shown = await auditor.get("/staff/audit", action="reveal_contact")
        assert "约上门" in shown.text
        assert "查看联系方式" in shown.text
        assert "约上门" not in (await auditor.get("/staff/audit", action="sign_in")).text
        verdict = await auditor.post("/staff/audit/verify")
        assert "审计日志完整：1 条" in verdict.text
        cut = await auditor.post("/staff/audit/verify", head="0" * 63 + "1")
        assert "可能被截去" in cut.text
