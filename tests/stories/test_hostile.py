"""What people paste, mistype or try: nothing breaks, nothing leaks, nobody leaves empty-handed."""

from __future__ import annotations

import uuid

import httpx
import pytest

from tests.stories.conftest import RunningStack

pytestmark = pytest.mark.stack

_LEAKS = ("Traceback", "utter_", "action_", "None", "{", "<script", "sqlalchemy")
_TEXTS = {
    "empty": "",
    "blanks": " \n\t ",
    "emoji": "😡😡😡🔥",
    "rude": "你们都是吃干饭的废物",
    "unrelated": "今晚双色球买什么号码好",
    "html": "<script>alert(1)</script><b>路灯</b>",
    "sql": "'; drop table cases; --",
    "restart": "/restart",
    "intent": '/report{"town":"441900119"}',
    "full-width intent": '／ask_progress{"case_no":"x"}',
    "braces": "{case_no} {0} %s ${jndi:ldap://x}",
    "nul and surrogate": "路灯\x00坏了",
    "2000 characters": "我们村口那条路坑坑洼洼下雨就积水，" * 117 + "请来修一下",
    "20000 characters": "路" * 20_000,
    "right to left": "\u202e路灯坏了\u202c",
}


@pytest.mark.parametrize("text", _TEXTS.values(), ids=_TEXTS.keys())
def test_every_text_gets_a_plain_answer(stack: RunningStack, text: str) -> None:
    answer = stack.say(f"hostile-{uuid.uuid4().hex}", text, "rest")
    assert answer.strip()
    assert [leak for leak in _LEAKS if leak in answer] == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"sender": 3, "message": "x"}', b'{"message": "x"}', b"\xff\xfe"],
    ids=["empty", "half", "list", "number as sender", "no sender", "wrong encoding"],
)
def test_a_malformed_body_is_refused(stack: RunningStack, body: bytes) -> None:
    answer = httpx.post(
        f"{stack.rasa_url}/webhooks/rest/webhook",
        content=body,
        headers={"Content-Type": "application/json"},
        timeout=20,
    )
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("path", ["message", "parse"])
def test_the_private_channel_needs_its_token(stack: RunningStack, path: str) -> None:
    answer = httpx.post(f"{stack.rasa_url}/webhooks/guanjia/{path}", json={"text": "x"}, timeout=20)
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["status", "domain", "conversations/x/tracker", "model/parse"])
def test_rasas_own_api_is_closed(stack: RunningStack, path: str) -> None:
    assert httpx.get(f"{stack.rasa_url}/{path}", timeout=20).status_code in (404, 405)


def test_a_stranger_learns_nothing_of_another_conversation(stack: RunningStack) -> None:
    owner, stranger = f"owner-{uuid.uuid4().hex}", f"stranger-{uuid.uuid4().hex}"
    stack.say(owner, "长安上沙村口路灯不亮，13800004321", "rest")
    filed = stack.say(owner, "是", "rest")
    case_no = filed[filed.index("WSS") :][:14]
    for text in (f"{case_no}到哪了", "9999", "我的诉求到哪了"):
        answer = stack.say(stranger, text, "rest")
        assert "路灯" not in answer
        assert "4321" not in answer
    assert "路灯" in stack.say(stranger, f"{case_no} 尾号4321 到哪了", "rest")
