"""From a step to the message: merging, quiet hours, consent, the next channel, the call."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from backend.cases.filing import CaseFiling
from backend.cases.models import CaseEvent
from backend.cases.ownership import ANYWHERE
from backend.cases.repository import CaseRepository
from backend.cases.schemas import CaseCreate
from backend.conversations.models import DeliveryState, OutboundMessage
from backend.conversations.repository import ConversationRepository
from backend.core.clock import SHANGHAI, FixedClock
from backend.core.db import Database
from backend.core.resources import Resources
from backend.notifications import dispatching
from backend.phones.service import Phones, StopReason
from backend.staff.rules import Service
from tests.backend.channels.sms.test_channel import finish
from tests.support.api import SignIn, filed
from tests.support.notices import HOUR, Office

NewCase = Callable[..., dict[str, Any]]
TOWN, VILLAGE = "441900119", "441900119011"
PHONE = "+8613800001234"


async def move(http: httpx.AsyncClient, case: dict[str, Any], *steps: str) -> None:
    """Take steps one after the other."""
    for to in steps:
        answer = await http.post(
            f"/cases/{case['case_no']}/transitions", json={"to": to, "note": f"说明{to}"}
        )
        assert answer.status_code == 200, answer.text


def hotline(new_case: NewCase, **changes: Any) -> dict[str, Any]:
    """A case that came by telephone: no conversation, a mobile number."""
    return new_case(channel="hotline", conversation_id=None, **changes)


async def test_a_notice_goes_out_while_somebody_works_on_its_case(
    api_resources: Resources, committed: Database, clock: FixedClock, new_case: NewCase
) -> None:
    """The step's transaction will want the notice: if this one waited, neither could end."""
    resources = replace(api_resources, database=committed)
    office = Office(resources, clock)
    async with committed.transaction() as session:
        case, _ = await CaseFiling(session, resources).file(
            CaseCreate(**new_case(channel="hotline", conversation_id=None)), Service(), "k"
        )
    await office.plan()
    clock.at += HOUR
    async with committed.transaction() as session:
        assert await CaseRepository(session).by_no(case.case_no, ANYWHERE, lock=True)
        assert await asyncio.wait_for(dispatching.dispatch_due(resources), 5) == 1


class TestOneNoticePerStep:
    async def test_goes_into_the_conversation_that_filed_the_case(
        self,
        sign_in: SignIn,
        office: Office,
        case: dict[str, Any],
    ) -> None:
        await move(await sign_in("city"), case, "deliberation")
        assert await office.work() == 1
        ((channel, said),) = await office.messages()
        assert channel == "webchat"
        assert "11月18日前召开协商会议" in said
        assert await office.log() == [(None, "skipped", "duplicate"), ("webchat", "sent", None)]

    async def test_running_the_jobs_again_sends_nothing_again(
        self,
        sign_in: SignIn,
        office: Office,
        case: dict[str, Any],
    ) -> None:
        await move(await sign_in("city"), case, "deliberation")
        for _ in range(3):
            await office.work()
        assert len(await office.messages()) == 1

    async def test_steps_within_an_hour_are_one_notice(
        self,
        sign_in: SignIn,
        office: Office,
        case: dict[str, Any],
    ) -> None:
        city = await sign_in("city")
        await move(city, case, "policy_check")
        await office.work(timedelta(minutes=40))
        await move(city, case, "deliberation")
        assert await office.work(timedelta(minutes=19)) == 0
        assert await office.work(timedelta(minutes=1)) == 1
        ((_, said),) = await office.messages()
        assert "有 2 步进展：政策核对中→协商中" in said
        await move(city, case, "review")
        assert await office.work() == 1

    async def test_a_telephone_case_has_its_receipt_at_once_by_text_message(
        self, sign_in: SignIn, new_case: NewCase, office: Office
    ) -> None:
        case = await filed(await sign_in("hotline"), hotline(new_case))
        assert await office.work(timedelta()) == 1
        ((channel, said),) = await office.messages()
        assert channel == "sms"
        assert said.startswith("【莞家】")
        assert case["case_no"] in said

    async def test_a_note_for_the_office_is_told_to_nobody(
        self,
        sign_in: SignIn,
        office: Office,
        case: dict[str, Any],
    ) -> None:
        path = f"/cases/{case['case_no']}/notes"
        city = await sign_in("city")
        await city.post(path, json={"note": "内部"})
        assert await office.work() == 0
        await city.post(path, json={"note": "周五上门", "audience": "public"})
        assert await office.work() == 1
        assert "周五上门" in (await office.messages())[0][1]

    async def test_every_public_event_queues_its_job_in_the_same_transaction(
        self, service: httpx.AsyncClient, new_case: NewCase, api_resources: Resources
    ) -> None:
        await filed(service, new_case())
        async with api_resources.database.transaction() as session:
            jobs = await session.execute(
                text(
                    "select args->>'event_id' from procrastinate_jobs"
                    " where task_name = 'notifications.plan'"
                )
            )
            events = await session.scalars(select(CaseEvent.id))
            assert {int(row[0]) for row in jobs} >= set(events.all())

    async def test_supporters_who_follow_are_told_and_others_are_not(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        office: Office,
        page: str,
    ) -> None:
        case = await filed(service, hotline(new_case, contact_phone=None))
        path = f"/cases/{case['case_no']}/supporters"
        other = str(uuid.uuid4())
        await service.post(path, json={"channel": "webchat", "conversation_id": other})
        follow = {"channel": "webchat", "conversation_id": page, "follow": True}
        await service.post(path, json=follow)
        await move(await sign_in("city"), case, "deliberation")
        assert await office.work() == 1
        assert [channel for channel, _ in await office.messages()] == ["webchat"]

    async def test_who_followed_a_merged_case_is_told_of_the_other_ones_steps(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        office: Office,
        case: dict[str, Any],
    ) -> None:
        agent = await sign_in("hotline")
        by_phone = await filed(agent, hotline(new_case, contact_phone="13900002222"), "by-phone")
        again = await filed(agent, hotline(new_case), "the-reporter-of-the-other-again")
        other = await filed(service, new_case(conversation_id="elsewhere"), "other")
        city = await sign_in("city")
        for merged in (case, by_phone, again):
            wish = {"to": "merged", "note": "同一盏灯", "merged_into": other["case_no"]}
            assert (
                await city.post(f"/cases/{merged['case_no']}/transitions", json=wish)
            ).status_code == 200
        await office.work()
        await move(city, other, "deliberation")
        before = len(await office.messages())
        assert await office.work() == 3
        told = (await office.messages())[before:]
        assert sorted(channel for channel, _ in told) == ["sms", "sms", "webchat"]
        assert all(other["case_no"] in said or "协商会议" in said for _, said in told)

    async def test_what_staff_recorded_is_told(
        self,
        sign_in: SignIn,
        office: Office,
        case: dict[str, Any],
    ) -> None:
        city = await sign_in("city")
        fields = {"meeting_on": "2026-11-13", "meeting_place": "党群服务中心"}
        await city.post(
            f"/cases/{case['case_no']}/transitions", json={"to": "deliberation", "fields": fields}
        )
        await office.work()
        assert "11月13日（星期五）在党群服务中心开协商会" in (await office.messages())[-1][1]

    async def test_a_missed_call_is_told_at_once(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        office: Office,
        page: str,
    ) -> None:
        matter = new_case(conversation_id=page, category=None, group=None, type="municipal")
        case = await filed(service, matter)
        city = await sign_in("city")
        await move(city, case, "referred", "feedback")
        await office.work()
        judged = {"channel": "webchat", "conversation_id": page, "score": 1}
        await service.post(f"/cases/{case['case_no']}/ratings", json=judged)
        (task,) = (await city.get("/follow-ups")).json()["items"]
        path = f"/follow-ups/{task['id']}/done"
        assert (await city.post(path, json={"outcome": "not_reached"})).status_code == 200
        await office.work(timedelta())
        assert "没有打通" in (await office.messages())[-1][1]


class TestQuietHours:
    async def test_put_a_notice_off_to_the_morning(
        self, sign_in: SignIn, new_case: NewCase, office: Office, clock: FixedClock
    ) -> None:
        clock.at = datetime(2026, 11, 3, 21, 30, tzinfo=SHANGHAI)
        await filed(await sign_in("hotline"), hotline(new_case))
        assert await office.work(timedelta()) == 0
        assert await office.work(timedelta(hours=10)) == 0
        assert await office.work(timedelta(minutes=30)) == 1
        assert await office.log() == [(None, "skipped", "quiet"), ("sms", "sent", None)]

    async def test_do_not_hold_for_danger(
        self,
        sign_in: SignIn,
        new_case: NewCase,
        office: Office,
        clock: FixedClock,
        api_resources: Resources,
    ) -> None:
        clock.at = datetime(2026, 11, 3, 23, 0, tzinfo=SHANGHAI)
        await filed(await sign_in("hotline"), hotline(new_case))
        await office.plan()
        async with api_resources.database.transaction() as session:
            first = (await session.scalars(select(CaseEvent))).one()
            session.add(
                CaseEvent(
                    case_id=first.case_id, at=clock.at, kind="danger", audience="public",
                    actor_kind="system", data={},
                )
            )  # fmt: skip
        assert await office.work(timedelta()) == 1
        assert "110" in (await office.messages())[0][1]


class TestConsent:
    async def test_a_stopped_number_is_skipped_and_not_rung(
        self,
        sign_in: SignIn,
        new_case: NewCase,
        office: Office,
        clock: FixedClock,
        api_resources: Resources,
    ) -> None:
        async with api_resources.database.transaction() as session:
            phones = Phones(session, api_resources.vault)
            await phones.stop(PHONE, StopReason.OPTED_OUT, clock.now())
        await filed(await sign_in("hotline"), hotline(new_case))
        assert await office.work() == 0
        assert await office.log() == [("sms", "skipped", "opted_out")]
        assert (await (await sign_in("city")).get("/callbacks")).json()["items"] == []

    async def test_a_muted_channel_is_skipped_and_the_chosen_one_comes_first(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        office: Office,
        page: str,
        case: dict[str, Any],
    ) -> None:
        wish = {"conversation_id": page, "channel": "webchat", "preferred": "sms"}
        assert (await service.put("/notice-preferences", json=wish)).status_code == 200
        city = await sign_in("city")
        await move(city, case, "deliberation")
        assert await office.work() == 1
        await service.put("/notice-preferences", json=wish | {"muted": ["sms"]})
        kept = await service.get("/notice-preferences", params={"conversation_id": page})
        assert kept.json()["muted"] == ["sms"]
        await move(city, case, "review")
        assert await office.work() == 1
        assert [channel for channel, _ in await office.messages()] == ["sms", "webchat"]

    async def test_a_disowned_number_is_written_to_no_more(
        self,
        sign_in: SignIn,
        new_case: NewCase,
        office: Office,
        api_resources: Resources,
    ) -> None:
        await filed(await sign_in("hotline"), hotline(new_case))
        async with api_resources.database.transaction() as session:
            await session.execute(text("update cases set phone_hash = null, proof_hash = null"))
        assert await office.work() == 0
        assert await office.log() == [(None, "skipped", "no_contact")]


class TestNextChannel:
    async def test_unseen_on_the_page_goes_out_as_a_text_message_then_as_a_call(
        self,
        sign_in: SignIn,
        office: Office,
        case: dict[str, Any],
    ) -> None:
        city = await sign_in("city")
        await move(city, case, "deliberation")
        assert await office.work() == 1
        assert await office.work(timedelta(hours=23)) == 0
        assert await office.work(timedelta(hours=1)) == 1
        assert [channel for channel, _ in await office.messages()] == ["webchat", "sms"]
        await office.becomes(DeliveryState.FAILED, "not_a_mobile")
        assert await office.work(timedelta()) == 0
        lines = (await office.log())[1:]
        assert lines == [
            ("webchat", "sent", None),
            ("webchat", "failed", "unseen"),
            ("sms", "sent", None),
            ("sms", "failed", "not_a_mobile"),
            (None, "failed", "call_task"),
        ]
        village = await sign_in("village", town=TOWN, village=VILLAGE)
        (task,) = (await village.get("/callbacks")).json()["items"]
        assert (task["phone"], task["case_no"]) == ("13800001234", case["case_no"])
        assert "11月18日前召开协商会议" in task["text"]
        stranger = await sign_in("village", town=TOWN, village="441900119002")
        assert (await stranger.get("/callbacks")).json()["items"] == []
        assert (await stranger.post(f"/callbacks/{task['id']}/done")).status_code == 404
        assert (await village.post(f"/callbacks/{task['id']}/done")).status_code == 200

    async def test_refused_by_wechat_is_the_registered_text_message_that_a_digit_rates(
        self,
        service: httpx.AsyncClient,
        sign_in: SignIn,
        new_case: NewCase,
        office: Office,
        api_resources: Resources,
    ) -> None:
        async with api_resources.database.transaction() as session:
            rows = ConversationRepository(session, api_resources.vault)
            known = await rows.open_locked(
                "wechat", "openid", office.clock.now(), keeps_address=True
            )
        matter = new_case(
            type="municipal", category=None, group=None, conversation_id=str(known.id)
        )
        case = await filed(service, matter)
        await finish(sign_in, service, case["case_no"])
        assert await office.work() == 1
        await office.becomes(DeliveryState.FAILED, "outside_48_hours;user_refused")
        assert await office.work(timedelta()) == 1
        assert [channel for channel, _ in await office.messages()] == ["wechat", "sms"]
        async with api_resources.database.transaction() as session:
            last = await session.scalars(
                select(OutboundMessage).order_by(OutboundMessage.id.desc()).limit(1)
            )
            said = ConversationRepository(session, api_resources.vault).read_outbound(last.one())
        assert said.notice is not None
        assert said.notice.template == "feedback"
        assert said.asks_rating_of == case["case_no"]

    async def test_what_was_seen_goes_no_further(
        self,
        sign_in: SignIn,
        office: Office,
        case: dict[str, Any],
    ) -> None:
        await move(await sign_in("city"), case, "deliberation")
        await office.work()
        await office.becomes(DeliveryState.DELIVERED)
        assert await office.work(timedelta(days=2)) == 0
        assert (await office.log())[-1] == ("webchat", "delivered", None)

    async def test_a_landline_is_rung(
        self, sign_in: SignIn, new_case: NewCase, office: Office
    ) -> None:
        await filed(await sign_in("hotline"), hotline(new_case, contact_phone="0769-22221111"))
        assert await office.work() == 0
        assert await office.log() == [(None, "failed", "call_task")]
        (task,) = (await (await sign_in("hotline")).get("/callbacks")).json()["items"]
        assert task["reason"] == "notice_undelivered"

    async def test_one_broken_notice_does_not_hold_the_others(
        self,
        sign_in: SignIn,
        new_case: NewCase,
        office: Office,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        agent = await sign_in("hotline")
        await filed(agent, hotline(new_case), "a")
        await filed(agent, hotline(new_case, contact_phone="13900002222"), "b")
        send, calls = dispatching.Dispatcher.send, []

        async def breaks_once(self: dispatching.Dispatcher, notice_id: int) -> bool:
            calls.append(notice_id)
            if len(calls) == 1:
                raise RuntimeError("broken")
            return await send(self, notice_id)

        monkeypatch.setattr(dispatching.Dispatcher, "send", breaks_once)
        assert await office.work(timedelta()) == 1
        assert await office.work(timedelta(minutes=15)) == 1


class TestPreview:
    async def test_is_what_is_then_sent(
        self,
        sign_in: SignIn,
        office: Office,
        case: dict[str, Any],
    ) -> None:
        city = await sign_in("city")
        path = f"/cases/{case['case_no']}/notices"
        shown = (await city.get(f"{path}/preview", params={"event": "deliberation"})).json()
        assert [(i["channel"], i["outcome"]) for i in shown["items"]] == [
            ("webchat", "send"),
            ("sms", "otherwise"),
        ]
        assert shown["items"][0]["send_at"] == "2026-11-03T11:00:00+08:00"
        assert shown["items"][1]["segments"] in (1, 2)
        assert "13800001234" not in str(shown)
        await move(city, case, "deliberation")
        await office.work()
        assert (await office.messages())[0][1] == shown["items"][0]["text"]
        log = (await city.get(path)).json()["items"]
        event_id = log[0]["event_id"]
        again = (await city.get(f"{path}/preview", params={"event": event_id})).json()
        assert again["items"][0]["text"] == shown["items"][0]["text"]
        assert log[0]["key"] == f"{case['case_no']}:{event_id}:{follower_of(log[0])}:webchat"

    async def test_a_step_that_is_not_decisive_tells_nobody(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        city = await sign_in("city")
        path = f"/cases/{case['case_no']}/notices/preview"
        shown = (await city.get(path, params={"event": "received"})).json()
        assert (shown["decisive"], shown["items"]) == (False, [])

    async def test_says_who_cannot_be_reached(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        case = await filed(service, hotline(new_case, contact_phone=None))
        city = await sign_in("city")
        path = f"/cases/{case['case_no']}/notices/preview"
        (item,) = (await city.get(path, params={"event": "publicity"})).json()["items"]
        assert (item["outcome"], item["reason"]) == ("skip", "no_contact")

    @pytest.mark.parametrize("event", ["no_such_step", "999999999", "9" * 40])
    async def test_an_unknown_event_is_told(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase, event: str
    ) -> None:
        case = await filed(service, new_case())
        city = await sign_in("city")
        path = f"/cases/{case['case_no']}/notices/preview"
        answer = await city.get(path, params={"event": event})
        assert (answer.status_code, answer.json()["code"]) == (400, "event_unknown")

    async def test_keeps_to_the_scope(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase
    ) -> None:
        case = await filed(service, new_case())
        stranger = await sign_in("town", town="441900003")
        for path in ("notices", "notices/preview?event=publicity"):
            assert (await stranger.get(f"/cases/{case['case_no']}/{path}")).status_code == 404


def follower_of(line: dict[str, Any]) -> str:
    """The follower's number in a key."""
    parts: Sequence[str] = line["key"].split(":")
    return parts[2]
