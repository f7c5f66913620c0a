"""What the platform sends and is answered, as XML."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn
from xml.parsers import expat

from backend.channels.wechat import envelope
from backend.channels.wechat.account import Account
from backend.channels.wechat.errors import MalformedCallbackError
from backend.channels.wechat.signature import signature

MAX_BODY_BYTES = 65_536
_MAX_ELEMENTS = 200
_MAX_DEPTH = 6
_OPENID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_NUMBER = re.compile(r"[0-9]{1,20}")
_NOT_XML = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Callback:
    """One message or event. ``account``: the account's own id, the sender of a passive reply."""

    openid: str = field(repr=False)
    account: str
    kind: str
    created: int
    fields: Mapping[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def event(self) -> str:
        """The event's name in lower case; empty for a message."""
        return self["Event"].lower() if self.kind == "event" else ""

    @property
    def external_id(self) -> str:
        """The same for every repetition: MsgId; events have none, so who, when and what."""
        if self.kind != "event":
            return f"msg:{self['MsgId']}"
        parts = (self.openid, str(self.created), self.event, self["EventKey"])
        return f"event:{hashlib.sha256('|'.join(parts).encode()).hexdigest()}"


def fields_of(raw: bytes) -> dict[str, str]:
    """The leaves right below the root of a small flat XML document in UTF-8.

    Raises:
        MalformedCallbackError: not UTF-8, not XML, a DTD, too deep or too many elements.
    """
    try:
        text = raw.decode("utf-8-sig")
        return _Leaves().read(text)
    except (UnicodeError, expat.ExpatError, ValueError) as error:
        raise MalformedCallbackError from error


def callback_of(raw: bytes) -> Callback:
    """The message or event in the (decrypted) XML.

    Raises:
        MalformedCallbackError: what every callback has is missing.
    """
    fields = fields_of(raw)
    openid, created = fields.get("FromUserName", ""), fields.get("CreateTime", "")
    kind = fields.get("MsgType", "").lower()
    well_formed = (
        _OPENID.fullmatch(openid)
        and _OPENID.fullmatch(fields.get("ToUserName", ""))
        and _NUMBER.fullmatch(created)
        and (fields.get("Event") if kind == "event" else _NUMBER.fullmatch(fields.get("MsgId", "")))
    )
    if not kind or not well_formed:
        raise MalformedCallbackError
    return Callback(openid, fields["ToUserName"], kind, int(created), fields)


def passive_reply(callback: Callback, text: str, now: datetime) -> str:
    """A text reply to the callback's sender, as clear XML."""
    return (
        "<xml>"
        f"<ToUserName>{_cdata(callback.openid)}</ToUserName>"
        f"<FromUserName>{_cdata(callback.account)}</FromUserName>"
        f"<CreateTime>{int(now.timestamp())}</CreateTime>"
        "<MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{_cdata(text)}</Content>"
        "</xml>"
    )


def sealed_reply(account: Account, xml: str, now: datetime) -> str:
    """The reply encrypted and signed for secure mode."""
    if account.aes_key is None:
        raise ValueError("plain accounts have no key")
    encrypted = envelope.seal(account.aes_key, xml, account.app_id)
    timestamp, nonce = str(int(now.timestamp())), secrets.token_hex(8)
    signed = signature(account.token, timestamp, nonce, encrypted)
    return (
        "<xml>"
        f"<Encrypt>{_cdata(encrypted)}</Encrypt>"
        f"<MsgSignature>{_cdata(signed)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp>"
        f"<Nonce>{_cdata(nonce)}</Nonce>"
        "</xml>"
    )


def _cdata(text: str) -> str:
    """A CDATA section that its own content cannot end."""
    return f"<![CDATA[{_NOT_XML.sub('', text).replace(']]>', ']]]]><![CDATA[>')}]]>"


class _Leaves:
    """Reads one document; entities and DTDs are refused before they are expanded."""

    def __init__(self) -> None:
        self._depth = 0
        self._elements = 0
        self._name: str | None = None
        self._text: list[str] = []
        self._has_children = False
        self._found: dict[str, str] = {}

    def read(self, text: str) -> dict[str, str]:
        parser = expat.ParserCreate(encoding="utf-8")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.Parse(text.encode(), True)
        return self._found

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > _MAX_DEPTH or self._elements > _MAX_ELEMENTS:
            raise ValueError("too much XML")
        if self._depth == 2:
            self._name, self._has_children = name, False
            self._text.clear()
        elif self._depth > 2:
            self._has_children = True

    def _end(self, _: str) -> None:
        if self._depth == 2 and self._name is not None and not self._has_children:
            self._found.setdefault(self._name, "".join(self._text))
        self._depth -= 1

    def _refuse(self, *_: Any) -> NoReturn:
        raise ValueError("no DTD")
