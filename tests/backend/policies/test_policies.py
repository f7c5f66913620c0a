"""The policy list: import, search by a case's words, what became of it in a case."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from backend.policies.errors import PolicyTableError
from backend.policies.table import SAMPLE, read
from backend.taxonomy.service import taxonomy
from tests.support.api import SignIn, client, filed

HEAD = "编号,政策名称,主管部门,适用类型,适用人群,关键词,条件,办理方式,生效日期,失效日期"
AID = "P1,临时救助,民政局,临时生活救助,低收入,断粮、救急,生活突然困难的家庭,向镇街申请,,"
SCHOOL = "P2,助学金,教育局,education_aid,儿童,学费、上不起学,困难学生,向学校申请,,"
NewCase = Callable[..., dict[str, Any]]


def table(*rows: str) -> dict[str, tuple[str, bytes]]:
    return {"file": ("p.csv", "\n".join((HEAD, *rows)).encode())}


@pytest.fixture
async def city(sign_in: SignIn) -> httpx.AsyncClient:
    member: httpx.AsyncClient = await sign_in("city")
    return member


class TestSample:
    def test_every_line_is_marked_as_a_sample(self) -> None:
        rows = read(SAMPLE.read_bytes())
        assert len(rows) >= 12
        assert all(row.sample for row in rows)

    def test_every_hardship_type_has_one(self) -> None:
        served = {code for row in read(SAMPLE.read_bytes()) for code in row.types}
        wishes = next(c for c in taxonomy().tree.categories if c.code == "weixinyuan")
        aid = next(group for group in wishes.groups if group.code == "hardship_aid")
        assert {kind.code for kind in aid.types} <= served


class TestTable:
    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            pytest.param("P1,,民政局,,,,c,p,,", "没有填", id="no title"),
            pytest.param("P1,t,d,没有的类型,,,c,p,,", "没有类型", id="unknown type"),
            pytest.param("P1,t,d,,没有的人,,c,p,,", "没有人群", id="unknown group"),
            pytest.param("P1,t,d,,,,c,p,明天,", "日期", id="no day"),
            pytest.param(f"{AID}\n{AID}", "重复", id="twice"),
        ],
    )
    def test_faults_are_told_with_their_line(self, row: str, reason: str) -> None:
        with pytest.raises(PolicyTableError) as refused:
            read(f"# 说明\n{HEAD}\n{row}".encode())
        assert reason in refused.value.problems[0]

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
    def test_reads_what_spreadsheets_write(self, encoding: str) -> None:
        (row,) = read(f"{HEAD}\n{AID}".encode(encoding))
        assert (row.types, row.groups) == (["living_aid"], ["low_income"])
        assert row.keywords == ["断粮", "救急"]

    def test_a_missing_column(self) -> None:
        with pytest.raises(PolicyTableError, match="缺少列"):
            read("编号,政策名称\n1,2".encode())


class TestImport:
    async def test_adds_changes_and_retires(self, city: httpx.AsyncClient) -> None:
        first = await city.post("/policies/import", files=table(AID, SCHOOL))
        assert first.json() == {"added": 2, "changed": 0, "retired": 0}
        changed = await city.post(
            "/policies/import?replace=true", files=table(AID.replace("民政局", "民政"))
        )
        assert changed.json() == {"added": 0, "changed": 1, "retired": 1}
        listed = (await city.get("/policies")).json()["items"]
        assert [(row["code"], row["department"]) for row in listed] == [("P1", "民政")]

    async def test_a_real_list_retires_the_samples(self, city: httpx.AsyncClient) -> None:
        await city.post("/policies/import", files={"file": ("s.csv", SAMPLE.read_bytes())})
        await city.post("/policies/import", files=table(AID))
        listed = (await city.get("/policies")).json()["items"]
        assert [row["code"] for row in listed] == ["P1"]

    async def test_a_faulty_table_changes_nothing(self, city: httpx.AsyncClient) -> None:
        answer = await city.post("/policies/import", files=table(AID, "P9,,,,,,,,,"))
        assert (answer.status_code, answer.json()["code"]) == (400, "policy_table")
        assert (await city.get("/policies")).json()["items"] == []

    @pytest.mark.parametrize("role", ["hotline", "auditor", "supervisor"])
    async def test_is_the_citys(self, sign_in: SignIn, role: str) -> None:
        answer = await (await sign_in(role)).post("/policies/import", files=table(AID))
        assert answer.status_code == 403


class TestSearch:
    @pytest.fixture(autouse=True)
    async def _sample(self, city: httpx.AsyncClient) -> None:
        await city.post("/policies/import", files={"file": ("s.csv", SAMPLE.read_bytes())})

    @pytest.mark.parametrize(
        ("text", "type_", "title"),
        [
            ("家里突然失火，晚上没地方去，吃饭都成问题，想救急", "living_aid", "临时救助"),
            ("化疗花光了积蓄，住院的医药费交不起", "medical_aid", "医疗救助"),
            ("孩子考上大学交不起学费", "education_aid", "家庭经济困难学生资助"),
            ("老公被辞退了，能不能领失业金", "employment_aid", "失业保险金"),
        ],
    )
    async def test_the_likeliest_comes_first(
        self, service: httpx.AsyncClient, text: str, type_: str, title: str
    ) -> None:
        answer = await service.get("/policies/search", params={"text": text, "type": type_})
        first = answer.json()["items"][0]
        assert first["title"] == title
        assert first["department"]
        assert first["sample"] is True

    async def test_nothing_likely_is_an_empty_answer(self, service: httpx.AsyncClient) -> None:
        params = {"text": "村口路灯坏了", "type": "street_light"}
        assert (await service.get("/policies/search", params=params)).json() == {"items": []}

    async def test_needs_a_token(self, app: FastAPI) -> None:
        async with client(app) as http:
            assert (await http.get("/policies/search?text=x")).status_code == 401


class TestRecord:
    @pytest.mark.parametrize(
        ("outcome", "label"),
        [
            ("handled", "已按政策办理"),
            ("not_solved", "政策不能解决"),
            ("unsatisfied", "办理后仍不能满足"),
        ],
    )
    async def test_is_kept_and_on_the_offices_timeline(
        self, service: httpx.AsyncClient, city: httpx.AsyncClient, new_case: NewCase,
        outcome: str, label: str,
    ) -> None:  # fmt: skip
        await city.post("/policies/import", files=table(AID))
        case_no = (await filed(service, new_case()))["case_no"]
        body = {"policy": "P1", "outcome": outcome, "note": "已联系13800001234"}
        answer = await city.post(f"/cases/{case_no}/policies", json=body)
        assert answer.status_code == 201
        (kept,) = answer.json()["items"]
        assert (kept["outcome_label"], kept["title"]) == (label, "临时救助")
        assert "13800001234" not in kept["note"]
        events = (await city.get(f"/cases/{case_no}/events")).json()["items"]
        assert events[-1]["kind"] == "policy_check"
        assert events[-1]["audience"] == "staff"
        assert label in events[-1]["note"]

    async def test_only_in_ones_own_cases(
        self, service: httpx.AsyncClient, city: httpx.AsyncClient, sign_in: SignIn,
        new_case: NewCase,
    ) -> None:  # fmt: skip
        await city.post("/policies/import", files=table(AID))
        case_no = (await filed(service, new_case()))["case_no"]
        other = await sign_in("village", town="441900116", village="441900116012")
        body = {"policy": "P1", "outcome": "handled"}
        assert (await other.post(f"/cases/{case_no}/policies", json=body)).status_code == 404
        assert (await other.get(f"/cases/{case_no}/policies")).status_code == 404

    @pytest.mark.parametrize("role", ["auditor", "supervisor"])
    async def test_is_not_for_readers(
        self, service: httpx.AsyncClient, sign_in: SignIn, new_case: NewCase, role: str
    ) -> None:
        case_no = (await filed(service, new_case()))["case_no"]
        body = {"policy": "P1", "outcome": "handled"}
        answer = await (await sign_in(role)).post(f"/cases/{case_no}/policies", json=body)
        assert answer.status_code == 403

    async def test_an_unknown_policy(
        self, service: httpx.AsyncClient, city: httpx.AsyncClient, new_case: NewCase
    ) -> None:
        case_no = (await filed(service, new_case()))["case_no"]
        body = {"policy": "X", "outcome": "handled"}
        answer = await city.post(f"/cases/{case_no}/policies", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "policy_not_found")


@pytest.mark.parametrize(
    ("words", "type_", "title"),
    [
        pytest.param(
            "我爸尿毒症，每周透析三次，实在没钱了", "medical_aid", "医疗救助", id="one word"
        ),
        pytest.param("我爸尿毒症，每周透析三次，实在没钱了", "street_light", None, id="other type"),
        pytest.param("我妈摔断了腿，家里很难", "medical_aid", None, id="type alone"),
        pytest.param("低保户，想要一辆二手电动车", "living_aid", None, id="has it already"),
    ],
)
async def test_only_a_sure_one_is_told(
    service: httpx.AsyncClient, sign_in: SignIn, words: str, type_: str, title: str | None
) -> None:
    city = await sign_in("city")
    files = {"file": ("sample.csv", SAMPLE.read_bytes(), "text/csv")}
    await city.post("/policies/import", files=files)
    query = {"text": words, "type": type_, "sure": "true"}
    found = (await service.get("/policies/search", params=query)).json()["items"]
    assert [policy["title"] for policy in found] == ([title] if title else [])
