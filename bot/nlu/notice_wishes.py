"""Whether a message as a whole says how its writer wants to hear of their case, or not at all."""

from __future__ import annotations

import re
from typing import Literal

NoticeWish = Literal["sms", "wechat", "none", "resume", "not_sms", "not_wechat"]

_LONGEST = 24
_LEAD = r"(?:请|麻烦|唔该|你们|您们|你|您|我|以后|今后|之后|下次|有进展|有消息|有结果|有进度|那|就|都|还是|可以|帮|要|想|希望|用不着|直接|统一|全部|把|的话|再){0,6}"
_ABOUT = r"(?:通知|消息|提醒|进展|进度|结果|信息)"
_TELL = r"(?:发|通知|告诉|告知|联系|提醒|回复|推送|发送|话)"
_ME = r"(?:给|到|过来|来|我|咗|俾|比|我的|手机|就行|就得|就好|就可以|即可|可以了|就够了|吧|了|啦|喇|谢谢|啊|好了|上)"
_REFUSE = (
    r"(?:别|不要|唔要|唔好|不用|唔使|不想|唔想|不需要|无需|不必|停止|停|取消|关闭|关掉|退订|拒收)"
)
_AGAIN = r"(?:恢复|继续|重新|打开|开启|重启|再次)"
_SMS = r"(?:手机)?(?:短信|简讯|信息)"
_WECHAT = r"(?:微信|公众号)"


def _by(channel: str) -> re.Pattern[str]:
    """Through that channel: 以后发短信给我, 用短信通知就行, 改成短信."""
    verb = rf"(?:用|走|通过|经|换成|换|改成|改为|改用|选|收)?{channel}"
    return re.compile(
        rf"{_LEAD}(?:{verb}{_TELL}?{_ABOUT}?{_ME}{{1,4}}|{verb}{_TELL}{_ME}{{0,4}}"
        rf"|(?:用|走|换成|换|改成|改为|改用){channel}(?:{_TELL}|{_ABOUT})?{_ME}{{0,4}}"
        rf"|{_TELL}{_ABOUT}?(?:到)?(?:我)?(?:的)?{channel}{_ME}{{0,4}}"
        rf"|{_ABOUT}{_TELL}?(?:到)?(?:我)?(?:的)?{channel}{_ME}{{0,4}})"
    )


def _not_by(channel: str) -> re.Pattern[str]:
    """Not through that channel: 不要发短信给我了, 别用微信通知."""
    return re.compile(
        rf"{_LEAD}{_REFUSE}(?:再|给我|用|通过|收|接收){{0,2}}{_TELL}?{channel}"
        rf"(?:{_TELL}|{_ABOUT}){{0,2}}{_ME}{{0,4}}"
    )


_PATTERNS: tuple[tuple[NoticeWish, re.Pattern[str]], ...] = (
    ("not_sms", _not_by(_SMS)),
    ("not_wechat", _not_by(_WECHAT)),
    (
        "none",
        re.compile(
            rf"{_LEAD}{_REFUSE}(?:再|给我|向我|收到|收|接收|老是|总|一直){{0,3}}"
            rf"(?:{_TELL}?{_ABOUT}|通知|提醒|打扰|推送){_ME}{{0,4}}"
            rf"|{_LEAD}(?:退订|取消订阅){_ME}{{0,2}}"
        ),
    ),
    (
        "resume",
        re.compile(
            rf"{_LEAD}{_AGAIN}(?:给我|发|收|接收|向我)?(?:{_TELL}|{_ABOUT}){{1,2}}{_ME}{{0,4}}"
        ),
    ),
    ("sms", _by(_SMS)),
    ("wechat", _by(_WECHAT)),
)


def read(bare: str) -> NoticeWish | None:
    """The wish, if the whole message (without blanks and punctuation) is one."""
    if not bare or len(bare) > _LONGEST:
        return None
    return next((wish for wish, pattern in _PATTERNS if pattern.fullmatch(bare)), None)
