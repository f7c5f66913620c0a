"""``/webhooks/wechat``: verify, parse, store once, acknowledge; with the answer if it is soon ready."""

import asyncio
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.background import BackgroundTask

from backend.channels.wechat import envelope, payloads
from backend.channels.wechat.account import Account, configured_account
from backend.channels.wechat.channel import CHANNEL, Taking, Verified
from backend.channels.wechat.errors import (
    ChannelOffError,
    MalformedCallbackError,
    NotFromWeChatError,
)
from backend.channels.wechat.passive import PassiveReplies, passive_wait_s
from backend.channels.wechat.signature import is_fresh, is_signed
from backend.conversations.identity import conversation_id
from backend.conversations.live import LiveUpdates
from backend.core.errors import TooLargeError
from backend.core.resources import Resources, ResourcesDep

router = APIRouter(include_in_schema=False)
_ACKNOWLEDGED = "success"
_MAX_CHARS = 200


@dataclass(frozen=True, slots=True)
class _Signed:
    """What the platform puts into the address."""

    timestamp: str
    nonce: str
    signature: str
    msg_signature: str
    is_secure: bool


@router.get("/webhooks/wechat")
async def check_url(request: Request, resources: ResourcesDep) -> Response:
    """The console's URL check: the echo string comes back as it is."""
    account = _account(resources)
    signed = _signed(request, resources)
    if not is_signed(signed.signature, account.token, signed.timestamp, signed.nonce):
        raise NotFromWeChatError
    return PlainTextResponse(_parameter(request, "echostr"))


@router.post("/webhooks/wechat")
async def receive(request: Request, resources: ResourcesDep) -> Response:
    """A message or event; answered within the time of the settings, else acknowledged."""
    account = _account(resources)
    live: LiveUpdates = request.app.state.live
    passive = PassiveReplies(resources)
    with live.waiting_callback() as how_many:
        longest_s = resources.settings.wechat_passive_wait_s
        wait_s = passive_wait_s(longest_s, how_many, is_late=live.is_late)
        until = asyncio.get_running_loop().time() + wait_s
        verified = _verified(account, _signed(request, resources), await _body(request))
        with live.subscribe(_conversation_of(verified, resources)) as news:
            taken = await Taking(resources, wait_s).take(verified)
            if taken.refusal is not None:
                return _reply(account, resources, verified, taken.refusal)
            claim = await passive.wait(taken, until, request.is_disconnected, news)
            if wait_s and taken.is_queued and (claim.text or claim.is_late):
                live.is_late = claim.is_late
    if not claim.text:
        return PlainTextResponse(_ACKNOWLEDGED)
    sent = BackgroundTask(passive.confirm, claim.outbound_ids)
    return _reply(account, resources, verified, claim.text, sent)


def _conversation_of(verified: Verified, resources: Resources) -> str:
    return str(conversation_id(resources.vault, CHANNEL, verified.callback.openid))


def _account(resources: Resources) -> Account:
    account = configured_account(resources.settings)
    if account is None:
        raise ChannelOffError
    return account


def _signed(request: Request, resources: Resources) -> _Signed:
    """The address's parameters; refused at once if they are not of the present.

    Raises:
        NotFromWeChatError: one is missing or too long, or the timestamp is too old or too new.
    """
    timestamp, nonce = _parameter(request, "timestamp"), _parameter(request, "nonce")
    skew_s = resources.settings.wechat_max_skew_s
    if not nonce or not is_fresh(timestamp, resources.clock.now(), skew_s):
        raise NotFromWeChatError
    return _Signed(
        timestamp=timestamp,
        nonce=nonce,
        signature=_parameter(request, "signature"),
        msg_signature=_parameter(request, "msg_signature"),
        is_secure=_parameter(request, "encrypt_type") == "aes",
    )


def _parameter(request: Request, name: str) -> str:
    value = request.query_params.get(name, "")
    if len(value) > _MAX_CHARS or not value.isprintable():
        raise NotFromWeChatError
    return value


async def _body(request: Request) -> bytes:
    body = await request.body()
    if len(body) > payloads.MAX_BODY_BYTES:
        raise TooLargeError
    return body


def _verified(account: Account, signed: _Signed, raw: bytes) -> Verified:
    """The callback, proven to come from the platform for this account.

    Raises:
        NotFromWeChatError, MalformedCallbackError
    """
    body = _opened(account, signed, raw) if signed.is_secure else _plain(account, signed, raw)
    return Verified(
        payloads.callback_of(body), signed.timestamp, signed.nonce, body, signed.is_secure
    )


def _plain(account: Account, signed: _Signed, raw: bytes) -> bytes:
    """Plain mode: the signature does not cover the body, so a nonce counts for one body only."""
    is_ours = is_signed(signed.signature, account.token, signed.timestamp, signed.nonce)
    if not is_ours or not account.accepts_plain:
        raise NotFromWeChatError
    return raw


def _opened(account: Account, signed: _Signed, raw: bytes) -> bytes:
    """Secure mode: the message's own signature covers the ciphertext."""
    if account.aes_key is None:
        raise NotFromWeChatError
    encrypted = payloads.fields_of(raw).get("Encrypt", "")
    parts = (account.token, signed.timestamp, signed.nonce, encrypted)
    if not is_signed(signed.msg_signature, *parts):
        raise NotFromWeChatError
    try:
        return envelope.unseal(account.aes_key, encrypted, account.app_id)
    except envelope.BadEnvelopeError as error:
        raise MalformedCallbackError from error


def _reply(
    account: Account,
    resources: Resources,
    verified: Verified,
    text: str,
    afterwards: BackgroundTask | None = None,
) -> Response:
    now = resources.clock.now()
    xml = payloads.passive_reply(verified.callback, text, now)
    if verified.is_secure:
        xml = payloads.sealed_reply(account, xml, now)
    return Response(xml, media_type="application/xml", background=afterwards)
