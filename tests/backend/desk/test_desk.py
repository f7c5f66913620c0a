"""The desk through its pages: paste, check, file, join, undo, export."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from backend.cases.models import Case, CaseEvent
from backend.core.clock import FixedClock
from backend.core.db import Database
from backend.core.resources import Resources
from backend.desk.models import DeskDraft, DeskFiling
from backend.desk.reading import opened
from backend.desk.repository import DeskRepository
from backend.desk.tasks import read_draft
from backend.staff.models import AuditEntry
from backend.understanding.errors import AssistantDownError
from tests.support.api import SignIn, filed
from tests.support.assistant import FakeAssistant
from tests.support.readings import CALL, FIRE, TWO_MATTERS
from tests.support.staff import Browser, OpenBrowser

FORM = {
    "type": "street_light",
    "place": "长安镇上沙社区",
    "address": "村口公交站旁",
    "summary": "上沙社区村口路灯损坏半个月",
    "description": "村口公交站旁的路灯坏了半个月，晚上老人都不敢出门。",
    "contact_name": "陈小美",
    "contact_phone": "13800001234",
    "beneficiaries": "200",
    "groups": ["elderly"],
}


async def pasted(agent: Browser, words: str = CALL) -> str:
    """Paste a transcript; the address of its workbench."""
    answer = await agent.post("/desk/drafts", text=words)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def shown(agent: Browser, address: str) -> str:
    """The page as people read it."""
    answer = await agent.get(address)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


async def file(agent: Browser, at: str, card: int = 0, **changes: Any) -> httpx.Response:
    answer: httpx.Response = await agent.post(f"{at}/cards/{card}/file", **{**FORM, **changes})
    return answer


async def cases(database: Database) -> list[Case]:
    async with database.transaction() as session:
        return list(await session.scalars(select(Case).order_by(Case.id)))


async def undo_address(agent: Browser, address: str) -> str:
    found = re.search(r'action="([^"]*/undo/\d+)"', await shown(agent, address))
    assert found
    return found[1]


class TestPaste:
    async def test_the_form_is_prefilled_with_sources(self, agent: Browser) -> None:
        page = await shown(agent, await pasted(agent))
        assert 'value="长安镇上沙社区"' in page
        assert 'value="13800001234"' in page
        assert re.search(r'<mark data-for="0-contact_phone">13800001234</mark>', page)
        assert "前后说了2次，一致" in page
        assert "可信 96%" in page

    async def test_the_page_is_light(self, agent: Browser) -> None:
        answer = await agent.get(await pasted(agent, TWO_MATTERS))
        assert len(answer.content) < 100_000

    async def test_requests_are_cards_and_contradictions_are_told(self, agent: Browser) -> None:
        page = await shown(agent, await pasted(agent, TWO_MATTERS))
        assert "诉求 2 / 2" in page
        assert "通话里有2个电话" in page
        assert "请问" in page

    async def test_danger_comes_first(self, agent: Browser) -> None:
        page = await shown(agent, await pasted(agent, FIRE))
        assert page.index("立即打119") < page.index("通话记录")

    async def test_identity_numbers_are_never_stored(
        self,
        agent: Browser,
        assistant: FakeAssistant,
        database: Database,
        desk_resources: Resources,
    ) -> None:
        await pasted(agent, CALL + "\n市民：身份证441999194205172087")
        async with database.transaction() as session:
            draft = (await session.scalars(select(DeskDraft))).one()
            contents = opened(draft, desk_resources.vault)
        assert "441999194205172087" not in contents.text
        assert "441999194205172087" not in assistant.heard[0]["text"]
        assert "13800001234" not in str(draft.__dict__)

    async def test_without_the_assistant_it_is_filled_in_by_hand(
        self, agent: Browser, assistant: FakeAssistant, database: Database
    ) -> None:
        assistant.broken = "500"
        address = await pasted(agent)
        assert "照着记录手工填写" in await shown(agent, address)
        assert (await file(agent, address)).status_code == 303
        assert len(await cases(database)) == 1

    @pytest.mark.parametrize(
        ("words", "status"), [("  ", 400), ("路" * 20_001, 413)], ids=["empty", "too long"]
    )
    async def test_refusals_keep_the_text(self, agent: Browser, words: str, status: int) -> None:
        answer = await agent.post("/desk/drafts", text=words)
        assert answer.status_code == status
        assert words in answer.text

    @pytest.mark.parametrize("role", ["village", "town", "supervisor", "auditor"])
    async def test_the_desk_is_for_agents(
        self, open_browser: OpenBrowser, desk_resources: Resources, role: str
    ) -> None:
        place = (
            {"village": "441900119011", "town": "441900119"} if role in ("village", "town") else {}
        )
        other = await open_browser(role, **place)
        assert (await other.get("/desk")).status_code == 403
        assert (await other.post("/desk/drafts", text=CALL)).status_code == 403

    async def test_drafts_are_their_agents_own(
        self, agent: Browser, open_browser: OpenBrowser
    ) -> None:
        address = await pasted(agent)
        other = await open_browser("hotline")
        assert (await other.get(address)).status_code == 404
        assert (await file(other, address)).status_code == 404

    async def test_a_form_of_another_site_is_refused(self, agent: Browser) -> None:
        answer = await agent.http.post("/desk/drafts", data={"text": CALL, "csrf": "x"})
        assert answer.status_code == 403


class TestFiling:
    async def test_files_a_case_with_the_hotlines_ticket(
        self, agent: Browser, database: Database
    ) -> None:
        address = await pasted(agent)
        answer = await file(
            agent, address, external_ref="DH26110300001", external_due="2026-11-10T18:00"
        )
        assert answer.headers["location"] == f"{address}#card-0"
        (case,) = await cases(database)
        assert (case.channel, case.labelled_by, case.village) == (
            "hotline",
            "agent",
            "441900119011",
        )
        assert case.external_ref == "DH26110300001"
        page = await shown(agent, address)
        assert case.case_no in page
        assert "最迟11月10日前12345工单办结" in page

    async def test_what_cannot_be_filed_comes_back_with_everything_typed(
        self, agent: Browser, database: Database
    ) -> None:
        answer = await file(agent, await pasted(agent), place="某某村", address="我刚打的字")
        assert answer.status_code == 400
        assert "没有找到这个地方" in answer.text
        assert 'value="我刚打的字"' in answer.text
        assert await cases(database) == []

    async def test_a_card_is_filed_once(self, agent: Browser, database: Database) -> None:
        address = await pasted(agent)
        await file(agent, address)
        assert (await file(agent, address)).status_code == 409
        assert len(await cases(database)) == 1

    async def test_nothing_is_filed_by_reading_alone(
        self, agent: Browser, database: Database
    ) -> None:
        await shown(agent, await pasted(agent))
        assert await cases(database) == []

    async def test_the_draft_closes_with_its_last_card(
        self, agent: Browser, database: Database
    ) -> None:
        address = await pasted(agent, TWO_MATTERS)
        await file(agent, address, card=0)
        assert "没有待确认的记录" not in await shown(agent, "/desk")
        await agent.post(f"{address}/cards/1/dismiss")
        assert "没有待确认的记录" in await shown(agent, "/desk")
        assert len(await cases(database)) == 1

    async def test_a_request_the_machine_missed_can_be_added(
        self, agent: Browser, database: Database
    ) -> None:
        address = await pasted(agent)
        answer = await agent.post(f"{address}/cards")
        assert answer.headers["location"].endswith("#card-1")
        assert (await file(agent, address, card=1, type="waste")).status_code == 303
        assert [case.type for case in await cases(database)] == ["waste"]

    async def test_pace_and_edits_are_shown(self, agent: Browser, clock: FixedClock) -> None:
        address = await pasted(agent)
        clock.at += timedelta(seconds=37)
        await file(agent, address, beneficiaries="300", summary="上沙路灯坏了")
        page = await shown(agent, "/desk")
        assert "37 秒" in page
        assert "2.0 处" in page


class TestUndo:
    async def test_within_a_minute_the_case_is_withdrawn_and_the_card_open(
        self, agent: Browser, database: Database, clock: FixedClock
    ) -> None:
        address = await pasted(agent)
        await file(agent, address)
        clock.at += timedelta(seconds=59)
        assert (await agent.post(await undo_address(agent, address))).status_code == 303
        assert [case.status for case in await cases(database)] == ["withdrawn"]
        assert (await file(agent, address)).status_code == 303
        assert [case.status for case in await cases(database)] == ["withdrawn", "received"]

    async def test_later_it_stands(
        self, agent: Browser, database: Database, clock: FixedClock
    ) -> None:
        address = await pasted(agent)
        await file(agent, address)
        undo = await undo_address(agent, address)
        clock.at += timedelta(seconds=61)
        assert (await agent.post(undo)).status_code == 409
        assert [case.status for case in await cases(database)] == ["received"]


class TestPreview:
    async def test_says_question_reply_and_message(self, agent: Browser) -> None:
        address = await pasted(agent)
        answer = await agent.post(f"{address}/cards/0/preview", **FORM | {"contact_phone": ""})
        panel = unescape(answer.text)
        assert "方便联系您的电话" in panel
        assert "没有手机号码，不会发短信" in panel
        panel = unescape((await agent.post(f"{address}/cards/0/preview", **FORM)).text)
        assert "【莞家】您反映的“道路路灯”已登记" in panel
        assert "最迟11月18日前召开协商会议" in panel

    async def test_the_callers_open_cases_are_shown_without_words_and_noted(
        self, agent: Browser, service: httpx.AsyncClient, new_case: Any, database: Database
    ) -> None:
        known = await filed(service, new_case(description="家里的难处", type="living_aid",
                                              category="weixinyuan", group="hardship_aid",
                                              summary="家里的难处"))  # fmt: skip
        page = await shown(agent, await pasted(agent))
        assert known["case_no"] in page
        assert "家里的难处" not in page
        async with database.transaction() as session:
            noted = list(await session.scalars(select(AuditEntry.case_no)))
        assert known["case_no"] in noted

    async def test_likely_policies_are_named_with_their_department(
        self, agent: Browser, sign_in: SignIn, desk_resources: Resources
    ) -> None:
        city = await sign_in("city")
        table = "编号,政策名称,主管部门,适用类型,条件,办理方式,关键词\nP1,助学,教育局,教育扶助,困难学生,找学校,学费"
        await city.post("/policies/import", files={"file": ("p.csv", table.encode())})
        page = await shown(agent, await pasted(agent, TWO_MATTERS))
        assert "教育局：困难学生" in page


class TestJoin:
    SAME = "上沙社区村口公交站旁路灯坏了半个月，晚上老人不敢出门"

    async def test_joins_the_known_matter_instead(
        self, agent: Browser, service: httpx.AsyncClient, new_case: Any, database: Database,
        clock: FixedClock,
    ) -> None:  # fmt: skip
        same = new_case(
            description=self.SAME, summary="何太家门口路灯坏了", contact_name="何太",
            contact_phone="13700000000",
        )  # fmt: skip
        known = await filed(service, same)
        address = await pasted(agent)
        page = await shown(agent, address)
        assert known["case_no"] in page
        assert "家门口路灯坏了" in page
        assert "何太" not in page
        join = f"{address}/cards/0/join/{known['case_no']}"
        assert (await agent.post(join, **FORM)).status_code == 303
        assert "已并入" in await shown(agent, address)
        assert len(await cases(database)) == 1
        assert await self._supporters(database) == 1
        await agent.post(await undo_address(agent, address))
        assert await self._supporters(database) == 0

    async def _supporters(self, database: Database) -> int:
        async with database.transaction() as session:
            return await session.scalar(text("select count(*) from case_supporter")) or 0

    async def test_somebodys_own_matter_cannot_be_joined_or_found(
        self, agent: Browser, service: httpx.AsyncClient, new_case: Any
    ) -> None:
        wish = await filed(service, new_case(type="living_aid", category="weixinyuan",
                                             group="hardship_aid", contact_phone=None))  # fmt: skip
        address = await pasted(agent)
        assert wish["case_no"] not in await shown(agent, address)
        answer = await agent.post(f"{address}/cards/0/join/{wish['case_no']}", **FORM)
        assert answer.status_code == 409

    async def test_the_callers_words_reach_the_case_without_numbers(
        self, agent: Browser, service: httpx.AsyncClient, new_case: Any, database: Database
    ) -> None:
        known = await filed(service, new_case(description=self.SAME))
        address = await pasted(agent)
        words = "还有一盏也坏了，打13900001111"
        join = f"{address}/cards/0/join/{known['case_no']}"
        await agent.post(join, **FORM | {"description": words, "external_ref": "DH9"})
        async with database.transaction() as session:
            notes = list(
                await session.scalars(select(CaseEvent.note).where(CaseEvent.kind == "supported"))
            )
        assert "DH9" in (notes[0] or "")
        assert "13900001111" not in (notes[0] or "")


class TestLabelledData:
    async def _lines(self, browser: Browser) -> list[dict[str, Any]]:
        answer = await browser.get("/desk/labelled.jsonl")
        return [json.loads(line) for line in answer.text.splitlines()]

    async def test_machine_and_agent_values_without_people(
        self, agent: Browser, clock: FixedClock
    ) -> None:
        address = await pasted(agent)
        await file(
            agent, address, type="traffic_safety", contact_phone="13900009999", beneficiaries="200"
        )
        clock.at += timedelta(seconds=61)
        (line,) = await self._lines(agent)
        fields = {field["field"]: field for field in line["fields"]}
        assert fields["type"] == {
            "field": "type",
            "machine": "street_light",
            "agent": "traffic_safety",
            "confidence": 0.96,
            "changed": True,
        }
        assert fields["contact_phone"]["agent"] == "139****9999"
        assert "陈小美" not in json.dumps(line, ensure_ascii=False)
        assert "13800001234" not in json.dumps(line)
        assert "路灯坏了半个月" in line["text"]

    async def test_a_confirmed_type_counts_too_and_an_undone_filing_does_not(
        self, agent: Browser, clock: FixedClock
    ) -> None:
        address = await pasted(agent)
        await file(agent, address)
        await agent.post(await undo_address(agent, address))
        await file(agent, address)
        clock.at += timedelta(seconds=61)
        (line,) = await self._lines(agent)
        assert [(f["field"], f["changed"]) for f in line["fields"]] == [("type", False)]

    async def test_agents_export_their_own_the_city_all(
        self, agent: Browser, open_browser: OpenBrowser, clock: FixedClock
    ) -> None:
        await file(agent, await pasted(agent))
        clock.at += timedelta(seconds=61)
        assert await self._lines(await open_browser("hotline")) == []
        assert len(await self._lines(await open_browser("city"))) == 1


class TestBatch:
    async def _upload(self, agent: Browser, name: str, content: bytes) -> httpx.Response:
        answer: httpx.Response = await agent.http.post(
            "/desk/batches", data={"csrf": agent.csrf}, files=[("files", (name, content))]
        )
        return answer

    async def test_is_queued_read_and_shown_uncertain_first(
        self, agent: Browser, database: Database, desk_resources: Resources
    ) -> None:
        content = f"{CALL}\n====\n{TWO_MATTERS}\n====\n{FIRE}".encode()
        answer = await self._upload(agent, "通话.txt", content)
        assert answer.status_code == 303
        token = answer.headers["location"].split("=")[1]
        status = (await agent.get(f"/desk/batches/{token}")).json()
        assert status == {"total": 3, "read": 0, "failed": 0, "closed": 0}
        async with database.transaction() as session:
            ids = list(await session.scalars(select(DeskDraft.id).order_by(DeskDraft.id)))
            queued = await session.scalar(text("select count(*) from procrastinate_jobs"))
        assert queued == 3
        for draft_id in ids:
            await read_draft(desk_resources, draft_id, is_last_try=False)
        page = await shown(agent, "/desk")
        order = [page.index(label) for label in ("紧急警情", "排水排污整治", ">道路路灯<")]
        assert order == sorted(order)
        assert await cases(database) == []

    async def test_a_down_assistant_is_asked_again_and_then_given_up(
        self,
        agent: Browser,
        database: Database,
        desk_resources: Resources,
        assistant: FakeAssistant,
    ) -> None:
        await self._upload(agent, "a.txt", CALL.encode())
        async with database.transaction() as session:
            draft_id = (await session.scalars(select(DeskDraft.id))).one()
        assistant.broken = "500"
        with pytest.raises(AssistantDownError):
            await read_draft(desk_resources, draft_id, is_last_try=False)
        await read_draft(desk_resources, draft_id, is_last_try=True)
        assert "没识别成" in await shown(agent, "/desk")

    async def test_a_bad_file_is_told_on_the_page(self, agent: Browser) -> None:
        answer = await self._upload(agent, "a.pdf", b"x")
        assert answer.status_code == 400
        assert "只能上传" in answer.text

    async def test_the_queue_holds_no_words(self, agent: Browser, database: Database) -> None:
        await self._upload(agent, "a.txt", CALL.encode())
        async with database.transaction() as session:
            arguments = await session.scalar(text("select args::text from procrastinate_jobs"))
        assert "路灯" not in str(arguments)


class TestRetention:
    async def test_finished_transcripts_are_wiped_after_a_week(
        self, agent: Browser, database: Database, clock: FixedClock
    ) -> None:
        address = await pasted(agent)
        await file(agent, address)
        clock.at += timedelta(days=8)
        async with database.transaction() as session:
            await DeskRepository(session).wipe(clock.at - timedelta(days=7))
            draft = (await session.scalars(select(DeskDraft))).one()
            await session.refresh(draft)
            assert draft.sealed is None
            assert await session.scalar(select(DeskFiling.id)) is not None
