"""Examples in the API's description. The people and numbers are made up."""

from pydantic import JsonValue

CASE: JsonValue = {
    "category": "weishishi",
    "group": "convenience_works",
    "type": "street_light",
    "town": "441900119",
    "village": "441900119011",
    "address": "村口公交站旁",
    "description": "村口路灯坏了半个月，晚上老人都不敢出门",
    "summary": "上沙社区村口路灯损坏半个月",
    "beneficiaries": 200,
    "amount_cny": None,
    "groups": ["elderly"],
    "contact_name": "陈女士",
    "contact_phone": "13800001234",
    "on_behalf": False,
    "anonymous": False,
    "channel": "webchat",
    "conversation_id": "webchat-5f0c",
    "confidence": 0.97,
    "labelled_by": "model",
}
STATUS_QUERY: JsonValue = {
    "case_no": "WSS26112100016",
    "phone_last4": "1234",
    "channel": "sms",
    "conversation_id": "sms-77aa",
}
TRANSITION: JsonValue = {"to": "deliberation", "note": "定于本周五晚七点在社区党群服务中心协商"}
