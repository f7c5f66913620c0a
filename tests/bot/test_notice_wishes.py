"""A message that as a whole says how to be told, and messages that only sound alike."""

from __future__ import annotations

import pytest

from bot.nlu import replies
from bot.nlu.notice_wishes import NoticeWish


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("以后发短信给我", "sms"),
        ("以后有进展发短信给我吧。", "sms"),
        ("退订", "none"),
        ("我要退订。", "none"),
        ("用短信通知我就行", "sms"),
        ("改成短信通知", "sms"),
        ("短信告诉我就好", "sms"),
        ("发到我手机短信", "sms"),
        ("用微信通知就行", "wechat"),
        ("以后微信通知我", "wechat"),
        ("改用微信", "wechat"),
        ("别再通知我了", "none"),
        ("不要再通知我", "none"),
        ("不用再提醒我了，谢谢", "none"),
        ("取消通知", "none"),
        ("我不想再收到通知了", "none"),
        ("唔好再通知我喇", "none"),
        ("恢复通知", "resume"),
        ("继续通知我吧", "resume"),
        ("请重新给我发通知", "resume"),
        ("不要再给我发短信了", "not_sms"),
        ("不用短信通知", "not_sms"),
        ("别用微信通知我", "not_wechat"),
    ],
)
def test_is_read(said: str, wish: NoticeWish | None) -> None:
    assert replies.read(said).notice_wish == wish


@pytest.mark.parametrize(
    "said",
    [
        "会发短信吗",
        "怎么通知我",
        "短信",
        "我收到诈骗短信",
        "村里发通知说停水，停了三天",
        "通知栏坏了",
        "没有人通知我来开会",
        "小区微信群里天天吵",
        "广播恢复了吗",
        "不要在路边烧垃圾",
        "取消",
        "别再登记了",
        "发短信骂我",
        "有进展了吗",
        "",
    ],
)
def test_is_not_read_into_other_words(said: str) -> None:
    assert replies.read(said).notice_wish is None
