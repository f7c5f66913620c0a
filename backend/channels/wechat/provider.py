"""Sending to a follower: customer-service message, else subscription notice, else template.

What comes after WeChat (SMS, a call) is decided where notices are dispatched.
"""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from backend.channels.wechat.client import WeChatClient
from backend.channels.wechat.errcodes import RefusedByWeChatError
from backend.channels.wechat.repository import WeChatRepository
from backend.channels.wechat.templates import Template, templates_for
from backend.channels.wechat.text import MAX_TEXT_BYTES
from backend.conversations.delivery import (
    Outbound,
    PermanentDeliveryError,
    Receipt,
    Recipient,
    RetryableDeliveryError,
)
from backend.core.resources import Resources

_Change = Callable[[WeChatRepository, uuid.UUID], Awaitable[None]]
_LESSONS: dict[str, _Change] = {
    "outside_48_hours": WeChatRepository.shut_window,
    "count_exceeded": WeChatRepository.shut_window,
    "not_following": WeChatRepository.close,
}
"""What the platform's refusal teaches us of the person's window."""
log = structlog.get_logger(__name__)
_Way = Callable[[], Awaitable[Receipt]]


@dataclass(frozen=True, slots=True)
class WeChatProvider:
    """One account's way to its followers."""

    resources: Resources
    client: WeChatClient

    async def send(self, outbound: Outbound, recipient: Recipient) -> Receipt:
        """Try each way in turn until one is taken; see ``Provider.send``."""
        refusals = []
        for way in self._ways(outbound, recipient):
            try:
                return await way()
            except PermanentDeliveryError as error:
                refusals.append(error.reason)
                if isinstance(error, RefusedByWeChatError) and error.closes_channel:
                    break
        raise PermanentDeliveryError(";".join(refusals))

    def _ways(self, outbound: Outbound, recipient: Recipient) -> list[_Way]:
        async def custom() -> Receipt:
            return await self._custom(outbound, recipient)

        def by(template: Template) -> _Way:
            async def registered() -> Receipt:
                return await self._registered(template, outbound, recipient)

            return registered

        ids = self.resources.settings.wechat_templates
        return [custom, *(by(template) for template in templates_for(outbound.notice, ids))]

    async def _custom(self, outbound: Outbound, recipient: Recipient) -> Receipt:
        if len(outbound.text.encode()) > MAX_TEXT_BYTES:
            raise PermanentDeliveryError("too_long")
        conversation_id = uuid.UUID(recipient.conversation_id)
        await self._spend_message(conversation_id)
        try:
            await self.client.send_text(recipient.address, outbound.text)
        except (RetryableDeliveryError, PermanentDeliveryError) as error:
            await self._note(
                _LESSONS.get(error.reason, WeChatRepository.give_back), conversation_id
            )
            raise
        return Receipt(via="wechat_custom")

    async def _spend_message(self, conversation_id: uuid.UUID) -> None:
        """Count the message; refuse what the platform would refuse.

        Raises:
            RefusedByWeChatError: not following (closes the channel).
            PermanentDeliveryError: the window is closed or used up.
            RetryableDeliveryError: the database cannot say.
        """
        now = self.resources.clock.now()
        try:
            async with self.resources.database.transaction() as session:
                rows = WeChatRepository(session)
                if await rows.spend_message(conversation_id, now):
                    return
                contact = await rows.contact(conversation_id)
        except SQLAlchemyError as error:
            raise RetryableDeliveryError("database_down") from error
        if contact is not None and not contact.is_following:
            raise RefusedByWeChatError("not_following", closes_channel=True)
        if contact is None or contact.window_until is None or contact.window_until <= now:
            raise PermanentDeliveryError("outside_48_hours")
        raise PermanentDeliveryError("count_exceeded")

    async def _note(self, change: _Change, conversation_id: uuid.UUID) -> None:
        """Keep what the platform has taught us; its answer stands whether or not that succeeds."""
        try:
            async with self.resources.database.transaction() as session:
                await change(WeChatRepository(session), conversation_id)
        except SQLAlchemyError as error:
            log.warning("wechat_note_lost", cause=type(error).__name__)

    async def _registered(
        self, template: Template, outbound: Outbound, recipient: Recipient
    ) -> Receipt:
        if outbound.notice is None:
            raise PermanentDeliveryError("no_notice")
        fields = template.filled(outbound.notice)
        if template.kind == "subscription":
            await self.client.send_subscription(recipient.address, template.id, fields)
            return Receipt(via="wechat_subscription")
        message_id = await self.client.send_template(
            recipient.address, template.id, fields, client_id=f"guanjia-{outbound.id}"
        )
        return Receipt(via="wechat_template", provider_id=message_id)
