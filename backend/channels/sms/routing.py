"""How the delivery job serves this channel: the provider of the settings, opt-outs, long answers."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from backend.channels.sms.client import OPTED_OUT, SmsProvider, Taken
from backend.channels.sms.console import OUTBOX, ConsoleClient
from backend.channels.sms.gateway import GatewayAccount, GatewayClient
from backend.channels.sms.repository import SmsRepository
from backend.channels.sms.segments import (
    MAX_SEGMENTS,
    SEGMENT_UNITS,
    cut,
    fits,
    units,
    without_links,
)
from backend.channels.sms.templates import registered_ids, templates
from backend.channels.sms.twilio import TwilioAccount, TwilioClient
from backend.conversations.delivery import (
    Outbound,
    PermanentDeliveryError,
    Receipt,
    Recipient,
    Route,
)
from backend.conversations.schemas import Button, Reply
from backend.core.resources import Resources
from backend.phones.service import Phones, StopReason
from backend.settings import Settings

CHANNEL: Literal["sms"] = "sms"
STATUS_PATH = "/webhooks/sms/status"
_ROOM = len("(10/10)") + 1
"""Units kept free in a part: its number, and one where an emoji would be torn."""


class SmsNotConfiguredError(Exception):
    """The chosen provider lacks settings; the message names them."""


def build_route(resources: Resources) -> Route:
    """The channel's route.

    Raises:
        SmsNotConfiguredError: a setting that the chosen provider needs is empty.
    """
    return Route(ConsideredProvider(resources, _provider(resources)), shape)


def webhook_tokens(settings: Settings) -> tuple[str, ...]:
    """With which the current provider signs forms: Twilio's auth tokens.

    On a laptop (``console``) a token made of the session key, so that nobody else can pretend.
    """
    if settings.sms_provider == "console":
        key = settings.session_key.get_secret_value().encode()
        return (hmac.new(key, b"sms console", hashlib.sha256).hexdigest(),)
    tokens = (settings.twilio_auth_token, settings.twilio_auth_token_retired)
    return tuple(token.get_secret_value() for token in tokens if token)


def shape(replies: Sequence[Reply]) -> tuple[Reply, ...]:
    """Each reply in as many messages as it needs; what buttons offered is said in words."""
    return tuple(part for reply in replies for part in _parts(reply))


def _parts(reply: Reply) -> list[Reply]:
    if reply.notice is not None and reply.notice.template in templates():
        return [reply]
    text = _with_choices(without_links(reply.text), reply.buttons)
    signature = templates().signature
    if fits(signature + text):
        pieces = [text] if text else []
    else:
        pieces = cut(text, MAX_SEGMENTS * SEGMENT_UNITS - units(signature) - _ROOM)
        pieces = [f"({n}/{len(pieces)}){piece}" for n, piece in enumerate(pieces, 1)]
    return [replace(reply, text=piece, buttons=(), notice=None) for piece in pieces]


def _with_choices(text: str, buttons: Sequence[Button]) -> str:
    """The text, with “请回…” where it does not name the answers itself."""
    payloads = [button.payload for button in buttons]
    unnamed = [payload for payload in payloads if payload not in text]
    if not unnamed:
        return text
    phrases = templates().phrases
    choices = phrases["or"].join(phrases["choice"].format(payload=p) for p in payloads)
    return f"{text}\n{phrases['choices'].format(choices=choices)}"


@dataclass(frozen=True, slots=True)
class ConsideredProvider:
    """A provider that respects the number's owner.

    Notices to a number that was stopped are withheld; answers to what was just sent are not. An
    opt-out which only the provider knew is remembered.
    """

    resources: Resources
    provider: SmsProvider

    async def send(self, outbound: Outbound, recipient: Recipient) -> Receipt:
        """Send, unless the owner wants nothing."""
        await self._consider(outbound, recipient)
        try:
            return await self.provider.send(outbound, recipient)
        except PermanentDeliveryError as error:
            if error.reason == OPTED_OUT:
                await self._remember(recipient)
            raise

    async def find(
        self, outbound: Outbound, recipient: Recipient, since: datetime
    ) -> Receipt | None:
        """Ask the provider."""
        return await self.provider.find(outbound, recipient, since)

    async def _consider(self, outbound: Outbound, recipient: Recipient) -> None:
        name = outbound.notice.template if outbound.notice else None
        is_answer = name is None or (name in templates() and templates().get(name).is_always_sent)
        if is_answer:
            return
        async with self.resources.database.transaction() as session:
            stopped = await Phones(session, self.resources.vault).stopped(recipient.address)
        if stopped is not None:
            raise PermanentDeliveryError(stopped.value)

    async def _remember(self, recipient: Recipient) -> None:
        async with self.resources.database.transaction() as session:
            phones = Phones(session, self.resources.vault)
            await phones.stop(recipient.address, StopReason.OPTED_OUT, self.resources.clock.now())


def _provider(resources: Resources) -> SmsProvider:
    settings = resources.settings
    if settings.sms_provider == "twilio":
        return _twilio(resources)
    if settings.sms_provider == "gateway":
        return _gateway(resources)
    return ConsoleClient(settings.data_dir / OUTBOX, resources.clock)


def _twilio(resources: Resources) -> TwilioClient:
    settings = resources.settings
    _need(settings, "twilio_account_sid", "twilio_auth_token", "twilio_sender")
    token = settings.twilio_auth_token
    account = TwilioAccount(
        api_url=settings.twilio_api_url.rstrip("/"),
        sid=settings.twilio_account_sid or "",
        token=token.get_secret_value() if token else "",
        sender=settings.twilio_sender or "",
        status_callback=settings.public_base_url.rstrip("/") + STATUS_PATH,
    )
    return TwilioClient(
        resources.http, account, resources.clock, _taken(resources), settings.sms_timeout_s
    )


def _gateway(resources: Resources) -> GatewayClient:
    settings = resources.settings
    _need(settings, "sms_gateway_url", "sms_gateway_app_id", "sms_gateway_secret")
    secret = settings.sms_gateway_secret
    account = GatewayAccount(
        url=settings.sms_gateway_url or "",
        app_id=settings.sms_gateway_app_id or "",
        secret=secret.get_secret_value() if secret else "",
        template_ids=registered_ids(settings.sms_template_sheet),
    )
    return GatewayClient(
        resources.http, account, resources.clock, _taken(resources), settings.sms_timeout_s
    )


def _taken(resources: Resources) -> Taken:
    async def taken(receipts: Sequence[str]) -> set[str]:
        async with resources.database.transaction() as session:
            return await SmsRepository(session).taken(receipts)

    return taken


def _need(settings: Settings, *names: str) -> None:
    missing = [f"GUANJIA_{name.upper()}" for name in names if not getattr(settings, name)]
    if missing:
        raise SmsNotConfiguredError(f"{settings.sms_provider} needs {', '.join(missing)}")
