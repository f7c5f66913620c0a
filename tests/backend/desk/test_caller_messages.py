"""The text an agent promises a caller: exactly that, once, when the minute for undoing is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from backend.cases.models import CaseEvent
from backend.channels.sms.routing import CHANNEL
from backend.conversations.models import DeliveryState, OutboundMessage
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Reply
from backend.core.clock import SHANGHAI, FixedClock
from backend.core.db import Database
from backend.core.resources import Resources
from backend.desk.models import DeskFiling
from backend.notifications.dispatching import chase, dispatch_due
from backend.notifications.models import Dispatch
from backend.notifications.planning import plan
from backend.phones.service import Phones, StopReason
from tests.backend.desk.test_desk import FORM, cases, file, pasted, shown, undo_address
from tests.support.api import SignIn
from tests.support.readings import CALL, FIRE
from tests.support.staff import Browser, OpenBrowser

PHONE = "+8613800001234"
LANDLINE = "0769-22221111"
MINUTE = timedelta(seconds=60)


@dataclass
class Caller:
    """What the caller's telephone got, and what the worker does for it."""

    resources: Resources
    clock: FixedClock

    async def wait(self, time: timedelta = MINUTE) -> None:
        """Let time pass, then run what the worker runs."""
        async with self.resources.database.transaction() as session:
            events = (await session.scalars(select(CaseEvent.id))).all()
        for event_id in events:
            await plan(self.resources, event_id)
        self.clock.at += time
        await chase(self.resources)
        await dispatch_due(self.resources)

    async def got(self) -> list[Reply]:
        """Messages queued to the caller, oldest first."""
        async with self.resources.database.transaction() as session:
            rows = ConversationRepository(session, self.resources.vault)
            found = await session.scalars(select(OutboundMessage).order_by(OutboundMessage.id))
            messages = list(found)
            for message in messages:
                conversation = await rows.find(message.conversation_id)
                assert conversation is not None
                assert (conversation.channel, rows.address_of(conversation)) == (CHANNEL, PHONE)
            return [rows.read_outbound(message) for message in messages]

    async def texts(self) -> list[str]:
        """The same as they are read."""
        return [reply.text for reply in await self.got()]

    async def provider_says(self, state: DeliveryState) -> None:
        """A receipt for everything under way."""
        async with self.resources.database.transaction() as session:
            await session.execute(
                update(OutboundMessage).values(state=state, failure="unreachable")
            )

    async def log(self) -> Sequence[tuple[str | None, str, str | None]]:
        """Channel, outcome and reason of every line."""
        async with self.resources.database.transaction() as session:
            lines = await session.scalars(select(Dispatch).order_by(Dispatch.id))
            return [(line.channel, line.outcome, line.reason) for line in lines]


@pytest.fixture
def caller(desk_resources: Resources, clock: FixedClock) -> Caller:
    """The person who rang."""
    return Caller(desk_resources, clock)


async def promised(database: Database) -> str:
    """What the latest filing says that the caller gets."""
    async with database.transaction() as session:
        newest = select(DeskFiling.sms).order_by(DeskFiling.id.desc()).limit(1)
        found = await session.scalar(newest)
        assert found is not None
        return found


class TestThePromise:
    async def test_is_kept_word_for_word_after_the_minute(
        self, agent: Browser, caller: Caller, database: Database
    ) -> None:
        await file(agent, await pasted(agent))
        await caller.wait(timedelta(seconds=59))
        assert await caller.texts() == []
        await caller.wait(timedelta(seconds=1))
        assert await caller.texts() == [await promised(database)]

    async def test_is_the_text_the_agent_saw_but_for_the_number(
        self, agent: Browser, caller: Caller, database: Database
    ) -> None:
        address = await pasted(agent)
        panel = await shown(agent, address)
        await file(agent, address)
        (case,) = await cases(database)
        said = await promised(database)
        assert said.startswith("【莞家】您反映的“道路路灯”已登记，编号WSS")
        assert "由上沙社区接收，最迟11月18日前召开协商会议" in said
        assert said.replace(case.case_no, "（归档后生成）") in panel

    async def test_is_kept_once_and_told_by_no_other_notice(
        self, agent: Browser, caller: Caller, database: Database
    ) -> None:
        await file(agent, await pasted(agent))
        for _ in range(5):
            await caller.wait(timedelta(minutes=30))
        assert await caller.texts() == [await promised(database)]

    async def test_is_a_registered_text_with_its_variables(
        self, agent: Browser, caller: Caller, database: Database
    ) -> None:
        await file(agent, await pasted(agent))
        await caller.wait()
        (reply,) = await caller.got()
        (case,) = await cases(database)
        assert reply.notice is not None
        assert reply.notice.template == "desk_weishishi"
        assert reply.notice.variables["case_no"] == case.case_no

    async def test_does_not_swallow_a_step_taken_within_the_minute(
        self, agent: Browser, caller: Caller, database: Database, sign_in: SignIn
    ) -> None:
        await file(agent, await pasted(agent))
        (case,) = await cases(database)
        city = await sign_in("city")
        moved = await city.post(f"/cases/{case.case_no}/transitions", json={"to": "deliberation"})
        assert moved.status_code == 200
        await caller.wait()
        await caller.wait(timedelta(hours=1))
        first, second = await caller.texts()
        assert first == await promised(database)
        assert "正在组织协商" in second

    async def test_to_somebody_who_joins_a_known_matter_who_then_follows_it(
        self, agent: Browser, caller: Caller, database: Database, sign_in: SignIn
    ) -> None:
        await file(agent, await pasted(agent), contact_phone="")
        (case,) = await cases(database)
        address = await pasted(agent)
        answer = await agent.post(f"{address}/cards/0/join/{case.case_no}", **FORM)
        assert answer.status_code == 303, answer.text
        await caller.wait()
        assert await caller.texts() == [await promised(database)]
        assert "已有街坊提出" in await promised(database)
        city = await sign_in("city")
        await city.post(f"/cases/{case.case_no}/transitions", json={"to": "deliberation"})
        await caller.wait(timedelta(hours=1))
        await caller.wait(timedelta(hours=1))
        assert "正在组织协商" in (await caller.texts())[-1]


class TestUndoing:
    async def test_cancels_it_and_nothing_is_said_of_the_withdrawal(
        self, agent: Browser, caller: Caller
    ) -> None:
        address = await pasted(agent)
        await file(agent, address)
        await caller.wait(timedelta(seconds=30))
        assert (await agent.post(await undo_address(agent, address))).status_code == 303
        for _ in range(3):
            await caller.wait(timedelta(hours=1))
        assert await caller.texts() == []

    async def test_and_filing_again_sends_the_second_text_only(
        self, agent: Browser, caller: Caller, database: Database
    ) -> None:
        address = await pasted(agent)
        await file(agent, address)
        await agent.post(await undo_address(agent, address))
        await file(agent, address)
        await caller.wait()
        second = (await cases(database))[1]
        (said,) = await caller.texts()
        assert second.case_no in said

    async def test_of_joining_ends_the_following(
        self, agent: Browser, caller: Caller, database: Database, sign_in: SignIn
    ) -> None:
        await file(agent, await pasted(agent), contact_phone="")
        (case,) = await cases(database)
        address = await pasted(agent)
        await agent.post(f"{address}/cards/0/join/{case.case_no}", **FORM)
        assert (await agent.post(await undo_address(agent, address))).status_code == 303
        city = await sign_in("city")
        await city.post(f"/cases/{case.case_no}/transitions", json={"to": "deliberation"})
        await caller.wait(timedelta(hours=1))
        await caller.wait(timedelta(hours=1))
        assert await caller.texts() == []


class TestState:
    async def states(self, agent: Browser, address: str) -> str:
        return await shown(agent, address)

    async def test_is_shown_beside_the_text(self, agent: Browser, caller: Caller) -> None:
        address = await pasted(agent)
        await file(agent, address)
        assert "撤销时间过后自动发出" in await self.states(agent, address)
        await caller.wait()
        assert "已发出，等运营商回执" in await self.states(agent, address)
        await caller.provider_says(DeliveryState.DELIVERED)
        await caller.wait()
        assert "已送达" in await self.states(agent, address)
        assert (await caller.log())[0] == (CHANNEL, "sent", None)

    async def test_a_failure_becomes_a_call_of_the_village(
        self, agent: Browser, caller: Caller, sign_in: SignIn, database: Database
    ) -> None:
        address = await pasted(agent)
        await file(agent, address)
        await caller.wait()
        await caller.provider_says(DeliveryState.FAILED)
        await caller.wait()
        assert "已请村（社区）打电话告知" in await self.states(agent, address)
        village = await sign_in("village", town="441900119", village="441900119011")
        (task,) = (await village.get("/callbacks")).json()["items"]
        assert (await promised(database)).removeprefix("【莞家】") in task["text"]

    async def test_a_number_that_opted_out_gets_none(
        self, agent: Browser, caller: Caller, desk_resources: Resources, clock: FixedClock
    ) -> None:
        async with desk_resources.database.transaction() as session:
            phones = Phones(session, desk_resources.vault)
            await phones.stop(PHONE, StopReason.OPTED_OUT, clock.now())
        address = await pasted(agent)
        await file(agent, address)
        await caller.wait()
        assert await caller.texts() == []
        assert (await caller.log())[-1] == (CHANNEL, "skipped", "opted_out")
        assert "不接收短信" in await self.states(agent, address)

    async def test_at_night_it_waits_for_the_morning_and_says_so(
        self, open_browser: OpenBrowser, caller: Caller, clock: FixedClock
    ) -> None:
        clock.at = datetime(2026, 11, 3, 22, 0, tzinfo=SHANGHAI)
        agent = await open_browser("hotline")
        address = await pasted(agent)
        await file(agent, address)
        assert "早上8点后发出" in await self.states(agent, address)
        await caller.wait()
        assert await caller.texts() == []
        await caller.wait(timedelta(hours=10))
        assert len(await caller.texts()) == 1

    async def test_but_not_where_somebody_is_in_danger(
        self, open_browser: OpenBrowser, caller: Caller, clock: FixedClock
    ) -> None:
        clock.at = datetime(2026, 11, 3, 22, 0, tzinfo=SHANGHAI)
        agent = await open_browser("hotline")
        await file(agent, await pasted(agent, FIRE), type="emergency")
        await caller.wait()
        (said,) = await caller.texts()
        assert "110、119或120" in said

    async def test_a_landline_is_promised_nothing(self, agent: Browser) -> None:
        address = await pasted(agent, CALL)
        await file(agent, address, contact_phone=LANDLINE)
        assert "没有手机号码，不会发短信" in await shown(agent, address)


class TestALandline:
    """Who rings from one hears the number from the agent: nobody needs to ring back for that."""

    async def _calls(self, sign_in: SignIn) -> list[dict[str, Any]]:
        village = await sign_in("village", town="441900119", village="441900119011")
        found: list[dict[str, Any]] = (await village.get("/callbacks")).json()["items"]
        return found

    async def test_is_not_rung_for_what_the_agent_said(
        self, agent: Browser, caller: Caller, sign_in: SignIn
    ) -> None:
        await file(agent, await pasted(agent), contact_phone=LANDLINE)
        await caller.wait()
        await caller.wait(timedelta(hours=1))
        assert await self._calls(sign_in) == []
        assert (await caller.log()) == [(None, "skipped", "told_by_agent")]

    async def test_leaves_no_call_behind_when_undone(
        self, agent: Browser, caller: Caller, sign_in: SignIn, database: Database
    ) -> None:
        address = await pasted(agent)
        await file(agent, address, contact_phone=LANDLINE)
        await caller.wait(timedelta(seconds=30))
        assert (await agent.post(await undo_address(agent, address))).status_code == 303
        for _ in range(3):
            await caller.wait(timedelta(hours=1))
        assert await self._calls(sign_in) == []
        (case,) = await cases(database)
        assert case.status == "withdrawn"

    async def test_is_rung_for_the_next_step(
        self, agent: Browser, caller: Caller, sign_in: SignIn, database: Database
    ) -> None:
        await file(agent, await pasted(agent), contact_phone=LANDLINE)
        (case,) = await cases(database)
        city = await sign_in("city")
        await city.post(f"/cases/{case.case_no}/transitions", json={"to": "deliberation"})
        await caller.wait(timedelta(hours=1))
        await caller.wait(timedelta(hours=1))
        (task,) = await self._calls(sign_in)
        assert case.case_no in task["text"]
