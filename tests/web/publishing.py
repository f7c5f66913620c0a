"""A project in public notice and a wish to claim, brought there by the API as the city would."""

import secrets
from dataclasses import dataclass
from typing import Any

import httpx

_PLACE = {"town": "441900119", "village": "441900119011"}
_LIGHT: dict[str, Any] = {
    "type": "street_light",
    "address": "中南路菜市场门口",
    "description": "中南路路灯坏了半个月，晚上黑，老人买菜摔过一跤。",
    "summary": "中南路路灯损坏",
    "contact_name": "陈玉兰",
    "contact_phone": "13800001234",
    "channel": "staff",
    "source": "visit",
    **_PLACE,
}
_WHEELCHAIR: dict[str, Any] = {
    **_LIGHT,
    "type": "medical_aid",
    "address": "三巷七号",
    "description": "邻居成伯八十二岁，独居，腿脚不便，想要一台轮椅。",
    "summary": "独居老人想要轮椅",
    "contact_name": "李建国",
    "person": "成伯",
}
_PLAN = {
    "content": "更换中南路损坏路灯三盏，在菜市场门口加装两盏太阳能路灯，并修剪挡光的树枝。",
    "place": "上沙社区中南路（菜市场至小学路段）",
    "time_limit": "审核确认后两个月内完成",
    "budget_cny": "26000",
    "benefiting": "中南路沿线约二百户居民，晚上买菜、接送孩子的街坊",
}
_WISH = {
    "public_title": "一位独居老人想要一台轮椅",
    "public_text": "老人八十多岁，一个人生活，走路要人扶。\n有了轮椅，就能自己到楼下坐坐，也方便去医院复查。",
    "need_cny": "3200",
    "platforms": "三个平台都已公布",
    "privacy": "公布内容没有姓名、证件、电话、住址和人像",
}
SECRETS = ("陈玉兰", "李建国", "成伯", "三巷七号", "13800001234", "138****1234")
"""What nobody may read on a public page."""


@dataclass(frozen=True, slots=True)
class Published:
    """Public numbers, and the case behind the wish."""

    notice: int
    wish: int
    wish_case: str


async def publish(http: httpx.AsyncClient) -> Published:
    """File both and take them to the public; ``http`` carries a city token and the API's address."""
    light = await _filed(http, _LIGHT)
    await _move(http, light, deliberation=None, review=None, publicity=_PLAN)
    wheelchair = await _filed(http, _WHEELCHAIR)
    await _move(
        http, wheelchair, verification=None, assessment=None, claim_pending=None, claim_open=_WISH
    )
    return Published(await _newest(http, "notice"), await _newest(http, "hall"), wheelchair)


async def _filed(http: httpx.AsyncClient, body: dict[str, Any]) -> str:
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    answer = await http.post("/api/v1/cases", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case_no"])


async def _move(http: httpx.AsyncClient, case_no: str, **steps: dict[str, str] | None) -> None:
    for to, fields in steps.items():
        body = {"to": to, "fields": fields} if fields else {"to": to}
        answer = await http.post(f"/api/v1/cases/{case_no}/transitions", json=body)
        assert answer.status_code == 200, answer.text


async def _newest(http: httpx.AsyncClient, section: str) -> int:
    answer = await http.get("/api/v1/public/publications", params={"section": section})
    return int(answer.json()["items"][0]["number"])
