"""Parse results for texts of the tests, with offsets that are true."""

from typing import Any

from backend.taxonomy.service import taxonomy

CALL = """坐席：您好，民生大莞家热线，请讲。
市民：我是长安镇上沙社区的，村口公交站旁的路灯坏了半个月，晚上老人都不敢出门。
坐席：大概多少人受影响？
市民：两百来人吧。
坐席：您贵姓？电话多少？
市民：姓陈，陈小美，电话13800001234。
坐席：13800001234，对吗？
市民：对的。"""
"""A call about a broken street lamp; the agent reads the number back."""

TWO_MATTERS = """坐席：您好，请讲。
市民：两件事，我是长安镇上沙社区的。第一件，菜市场后面的下水道堵了，污水都漫出来。
坐席：第二件呢？
市民：我侄女考上大学没钱交学费，一年要15000元。
坐席：您电话？
市民：13900005678，哦不，打13600009999吧。"""
"""Two requests, two phones: the later one is meant."""

FIRE = """坐席：您好。
市民：着火了！长安镇上沙社区那家木材厂着火了！"""
"""Somebody is in danger now."""

LAMP = {
    "type": "street_light", "evidence": "路灯坏了半个月", "town": "441900119",
    "village": "441900119011", "place": "长安镇上沙社区", "address": "村口公交站旁",
    "name": "陈小美", "phones": ["13800001234"], "beneficiaries": 200, "count": "两百来",
    "groups": ["elderly"], "summary": "上沙社区村口路灯损坏半个月",
    "description": "村口公交站旁的路灯坏了半个月，晚上老人都不敢出门。",
}  # fmt: skip
DRAIN = {
    "type": "drainage", "evidence": "下水道堵了", "town": "441900119", "village": "441900119011",
    "place": "长安镇上沙社区", "phones": ["13900005678", "13600009999"],
    "summary": "上沙社区菜市场后面下水道堵塞", "description": "菜市场后面的下水道堵了，污水都漫出来。",
}  # fmt: skip
TUITION = DRAIN | {
    "type": "education_aid", "evidence": "没钱交学费", "confidence": 0.61, "needs_person": True,
    "runner_up": ("living_aid", 0.55), "on_behalf": True, "person": "侄女", "amount": 15000,
    "summary": "侄女考上大学交不起学费", "description": "侄女考上大学没钱交学费，一年要15000元。",
}  # fmt: skip
BURNING = {
    "type": "emergency", "evidence": "着火了", "town": "441900119", "village": "441900119011",
    "place": "长安镇上沙社区", "phones": [], "summary": "木材厂着火", "description": "木材厂着火了。",
}  # fmt: skip


def reading(text: str, *requests: dict[str, Any], alerts: tuple[str, ...] = ()) -> dict[str, Any]:
    """What the assistant's parse answers for a text with these requests."""
    told = requests[0] if requests else {}
    return {
        "triage": {
            "requests": [_request(text, request) for request in requests],
            "alerts": [{"kind": kind, "advice": "119", **_span(text, "着火了")} for kind in alerts],
            "sensitive": [],
        },
        "facts": {
            "phones": [
                {"value": phone, "valid": True, "kind": "mobile", "of": "caller", **span}
                for phone in told.get("phones", [])
                for span in _spans(text, phone)
            ],
            "places": [
                {
                    "town": told["town"],
                    "village": told["village"],
                    "candidates": [],
                    "text": told["place"],
                    "role": "request",
                    **span,
                }
                for span in (_spans(text, told["place"]) if told else [])
            ],
            "names": [
                {"value": told["name"], "kind": "full", "of": "caller", **span}
                for span in (_spans(text, told["name"]) if "name" in told else [])
            ],
            "amounts": [],
            "counts": [
                {"value": told["beneficiaries"], "unit": "person", **span}
                for span in (_spans(text, told["count"]) if "count" in told else [])
            ],
            "case_nos": [],
            "person": next((r["person"] for r in requests if "person" in r), None),
        },
    }


def _request(text: str, told: dict[str, Any]) -> dict[str, Any]:
    leaf = taxonomy().leaf(told["type"])
    assert leaf is not None
    confidence = told.get("confidence", 0.96)
    other = told.get("runner_up", ("other_works", 0.02))
    return {
        "category": leaf.category,
        "group": leaf.group,
        "type": leaf.type,
        "confidence": confidence,
        "needs_person": told.get("needs_person", False),
        "ranking": [
            {"type": leaf.type, "score": confidence},
            {"type": other[0], "score": other[1]},
        ],
        "evidence": [{**_span(text, told["evidence"]), "text": told["evidence"]}],
        "summary": told["summary"],
        "description": told["description"],
        "fields": {
            "town": told["town"],
            "village": told["village"],
            "place_candidates": [],
            "address": told.get("address"),
            "contact_name": told.get("name"),
            "contact_phone": told["phones"][-1] if told["phones"] else None,
            "on_behalf": told.get("on_behalf", False),
            "beneficiaries": told.get("beneficiaries"),
            "amount_cny": told.get("amount"),
            "groups": told.get("groups", []),
        },
        "missing": [] if told["phones"] else ["contact_phone"],
    }


def _span(text: str, words: str) -> dict[str, int]:
    start = text.index(words)
    return {"start": start, "end": start + len(words)}


def _spans(text: str, words: str) -> list[dict[str, int]]:
    found, start = [], text.find(words)
    while start >= 0:
        found.append({"start": start, "end": start + len(words)})
        start = text.find(words, start + 1)
    return found
