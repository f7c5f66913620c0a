"""Offers that come at once, and one that meets the claim itself."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.cases.clocks import Clocks
from backend.cases.examples import CASE
from backend.cases.filing import CaseFiling
from backend.cases.models import Case, CaseEvent, ClaimOffer, Publication
from backend.cases.rules import Status
from backend.cases.schemas import CaseCreate
from backend.core.db import Database
from backend.core.resources import Resources
from backend.deadlines.clockwork import Clockwork
from backend.publicity.errors import NotInTheHallError
from backend.publicity.offers import Offers
from backend.publicity.schemas import OfferIn
from backend.staff.rules import Service

OFFER = OfferIn(kind="爱心企业", name="东莞某某有限公司", phone="13900007788", consent=True)
WORDS = {"public_title": "想要一台轮椅", "public_text": "一位老人出门要人扶。"}


@pytest.fixture
async def real(api_resources: Resources, committed: Database) -> Resources:
    """Resources whose transactions are committed."""
    return replace(api_resources, database=committed)


async def in_the_hall(resources: Resources) -> tuple[int, int]:
    """A wish that waits for a claimant: its case's id and its public number."""
    assert isinstance(CASE, dict)
    wish = {"type": "living_aid", "category": None, "group": None}
    async with resources.database.transaction() as session:
        new = CaseCreate.model_validate({**CASE, **wish})
        filed, _ = await CaseFiling(session, resources).file(new, Service(), "hall")
        case = (await session.scalars(select(Case).where(Case.case_no == filed.case_no))).one()
        clocks, now = Clocks(session, Clockwork()), resources.clock.now()
        await clocks.enter(case, Status.CLAIM_OPEN, now, WORDS)
        number = await session.scalar(select(Publication.id))
        assert number is not None
        return case.id, number


async def leave(resources: Resources, number: int) -> None:
    """One offer in a transaction of its own."""
    async with resources.database.transaction() as session:
        await Offers(session, resources).leave(number, OFFER, "127.0.0.1")


async def count(resources: Resources, model: Any, *where: Any) -> int:
    """How many rows there are."""
    async with resources.database.transaction() as session:
        counted = select(func.count()).select_from(model).where(*where)
        return await session.scalar(counted) or 0


async def test_the_same_offer_at_once_is_kept_and_told_once(real: Resources) -> None:
    _, number = await in_the_hall(real)
    await asyncio.gather(*(leave(real, number) for _ in range(5)))
    assert await count(real, ClaimOffer) == 1
    assert await count(real, CaseEvent, CaseEvent.kind == "claim_offered") == 1


async def test_an_offer_waits_for_the_step_under_way_and_is_then_refused(real: Resources) -> None:
    case_id, number = await in_the_hall(real)
    async with real.database.transaction() as session:
        case = await session.get(Case, case_id, with_for_update=True)
        assert case is not None
        offer = asyncio.create_task(leave(real, number))
        await asyncio.wait({offer}, timeout=0.3)
        assert not offer.done()
        await Clocks(session, Clockwork()).enter(case, Status.CLAIMED, real.clock.now())
    with pytest.raises(NotInTheHallError):
        await offer
    assert await count(real, ClaimOffer) == 0
