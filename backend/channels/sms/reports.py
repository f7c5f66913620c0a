"""A provider's later word on a message we sent."""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from backend.channels.sms.payloads import StatusReport
from backend.channels.sms.repository import SmsRepository
from backend.channels.sms.routing import CHANNEL
from backend.conversations.delivery_repository import DeliveryRepository
from backend.conversations.models import DeliveryState, OutboundMessage
from backend.conversations.repository import ConversationRepository
from backend.conversations.sending import record_report
from backend.core.resources import Resources
from backend.phones.service import Phones, StopReason

log = structlog.get_logger(__name__)


async def apply_report(session: AsyncSession, resources: Resources, report: StatusReport) -> bool:
    """Move the message on if the report is news; ``False`` for unknown messages and old news."""
    deliveries = DeliveryRepository(session)
    row = await _row(deliveries, report)
    if row is None:
        log.info("report_unknown", state=report.state)
        return False
    if row.receipt is None:
        row.via, row.receipt = resources.settings.sms_provider, report.message_id
    now = resources.clock.now()
    reason = report.fault.reason if report.fault else None
    if not await record_report(deliveries, row, report.state, now, reason):
        return False
    if report.state is DeliveryState.FAILED:
        await _after_failure(session, resources, row, report)
    return True


async def _row(deliveries: DeliveryRepository, report: StatusReport) -> OutboundMessage | None:
    """By our own reference, else by theirs.

    Our reference counts if the message has that id, or none yet and the id is new: a late report of
    an earlier try must not settle the one that staff asked for since.
    """
    if report.ref is not None:
        row = await deliveries.lock(report.ref)
        if row is not None and row.receipt == report.message_id:
            return row
        earlier = await SmsRepository(deliveries.session).taken([report.message_id])
        if row is not None and row.receipt is None and not earlier:
            return row
    return await deliveries.lock_by_receipt(CHANNEL, report.message_id)


async def _after_failure(
    session: AsyncSession, resources: Resources, row: OutboundMessage, report: StatusReport
) -> None:
    """Remember an opt-out."""
    conversations = ConversationRepository(session, resources.vault)
    conversation = await conversations.find(row.conversation_id)
    address = conversations.address_of(conversation) if conversation else None
    if address and report.fault and report.fault.is_opt_out:
        phones = Phones(session, resources.vault)
        await phones.stop(address, StopReason.OPTED_OUT, resources.clock.now())
