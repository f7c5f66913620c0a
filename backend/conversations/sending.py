"""The delivery of one stored message: begin, ask the provider, record what it said.

Beginning and recording are transactions of their own, the provider's call lies between them. A
worker killed in between leaves ``attempt_at`` set; whoever finds it waits until such a try must be
over, then asks the provider whether it has the message, and sends again only on its clear "no".
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from backend.conversations import rules
from backend.conversations.delivery import (
    Outbound,
    PermanentDeliveryError,
    Receipt,
    Recipient,
    Reconciling,
    RetryableDeliveryError,
    Route,
    Routes,
    UnknownDeliveryError,
)
from backend.conversations.delivery_repository import DeliveryRepository
from backend.conversations.models import DeliveryState, OutboundMessage
from backend.conversations.outbound import Outgoing
from backend.conversations.repository import ConversationRepository
from backend.conversations.schemas import Reply
from backend.core.jobs import drop
from backend.core.metrics import DELIVERIES
from backend.core.resources import Resources

log = structlog.get_logger(__name__)


class TryLater(Exception):
    """The job is to run again in ``wait_s`` seconds."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class _Try:
    """What goes together: usually one message; ``ids`` are all of them, in order."""

    ids: tuple[int, ...]
    outbound: Outbound
    recipient: Recipient
    interrupted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Delivers with one process's connections and providers."""

    resources: Resources
    routes: Routes

    async def run_now(self, stored: Sequence[Outgoing]) -> None:
        """Send what was stored with a net under it, in order, and take the nets away.

        Whatever hinders it is no error here: the rest is left to its jobs.
        """
        for row, net in stored:
            if net is None:
                return
            try:
                await self.run(row.id, net)
            except TryLater:
                return
            except Exception:
                log.exception("left_to_its_job", outbound_id=row.id)
                return

    async def run(self, outbound_id: int, net: int | None = None) -> None:
        """Send this message, unless it has gone already.

        Args:
            outbound_id: the stored message.
            net: the job that would send it later, taken back when it is sent; with it, nothing
                is sent before the conversation's earlier messages are settled.

        Raises:
            TryLater: it is not settled yet.
        """
        begun = await self._begin(outbound_id, is_early=net is not None)
        if begun is None:
            return
        route = self.routes.get(begun.recipient.channel)
        try:
            receipt = await _ask(route, begun)
        except TryLater:
            raise
        except RetryableDeliveryError as error:
            await self._put_off(begun.ids, error)
        except PermanentDeliveryError as error:
            await self._fail(begun.ids, error.reason)
        except UnknownDeliveryError as error:
            await self._leave_unknown(begun.ids, error.reason, route)
        except Exception as error:
            log.exception("delivery_broke", outbound_id=outbound_id)
            await self._leave_unknown(begun.ids, type(error).__name__, route)
        else:
            await self._settle(begun.ids, receipt, net)

    async def _begin(self, outbound_id: int, *, is_early: bool = False) -> _Try | None:
        """Note that a try begins; ``None`` if there is nothing to do.

        Raises:
            TryLater: an earlier try may still be under way.
        """
        now = self.resources.clock.now()
        async with self.resources.database.transaction() as session:
            deliveries = DeliveryRepository(session)
            conversations = ConversationRepository(session, self.resources.vault)
            found = await deliveries.lock_with_conversation(outbound_id)
            if found is None or found[0].state != DeliveryState.QUEUED:
                return None
            row, conversation = found
            if is_early and await deliveries.has_open_before(row):
                return None
            address = conversations.address_of(conversation)
            if address is None:
                return None
            interrupted_at = row.attempt_at
            _check_settled(interrupted_at, now)
            rows = [row]
            if interrupted_at is None:
                if conversation.last_seq > row.seq:
                    rows = await self._together(
                        deliveries, conversations, conversation.channel, row
                    )
                for begun in rows:
                    begun.attempt_at = now
                    begun.attempts += 1
                    await deliveries.note(begun, "begun", now)
            replies = [conversations.read_outbound(begun) for begun in rows]
            recipient = Recipient(str(conversation.id), conversation.channel, address)
            ids = tuple(begun.id for begun in rows)
            return _Try(ids, _as_outbound(row, replies), recipient, interrupted_at)

    async def _together(
        self,
        deliveries: DeliveryRepository,
        conversations: ConversationRepository,
        channel: str,
        first: OutboundMessage,
    ) -> list[OutboundMessage]:
        """The message and those waiting behind it that fit into the same one."""
        route = self.routes.get(channel)
        room = route.join_up_to_bytes if route else 0
        rows = [first]
        for row in await deliveries.waiting_behind(first, self.resources.clock.now()):
            replies = [conversations.read_outbound(chosen) for chosen in (*rows, row)]
            is_plain = not any(reply.notice for reply in replies)
            if not is_plain or len(_joined(replies).encode()) > room:
                break
            rows.append(row)
        return rows

    @contextlib.asynccontextmanager
    async def _queued(
        self, ids: Sequence[int]
    ) -> AsyncIterator[tuple[DeliveryRepository, list[OutboundMessage]]]:
        """Those of the messages that nobody else has settled, locked, in one transaction."""
        async with self.resources.database.transaction() as session:
            deliveries = DeliveryRepository(session)
            rows = [await deliveries.lock(outbound_id) for outbound_id in ids]
            yield deliveries, [row for row in rows if row and row.state == DeliveryState.QUEUED]

    async def _settle(
        self, ids: Sequence[int], receipt: Receipt | None, net: int | None = None
    ) -> None:
        """The provider has the message, or says that it never had (``None``)."""
        now = self.resources.clock.now()
        async with self._queued(ids) as (deliveries, rows):
            for row in rows:
                row.attempt_at = None
                if receipt is not None:
                    row.via, row.receipt, row.failure = receipt.via, receipt.provider_id, None
                    row.state, row.sent_at = DeliveryState.SENT, now
                    if receipt.is_delivered:
                        row.state, row.delivered_at = DeliveryState.DELIVERED, now
                await deliveries.note(row, row.state if receipt else "not_found", now)
            if net is not None:
                await drop(deliveries.session, net)
        if receipt is None:
            raise TryLater(0)
        DELIVERIES.labels(receipt.via, "sent").inc()

    async def _put_off(self, ids: Sequence[int], error: RetryableDeliveryError) -> None:
        now = self.resources.clock.now()
        wait_s: int | None = 0
        async with self._queued(ids) as (deliveries, rows):
            for row in rows:
                row.attempt_at, row.failure = None, error.reason
                await deliveries.note(row, "put_off", now, reason=error.reason)
            if rows:
                wait_s = rules.delivery_retry_in_s(rows[0].attempts)
        DELIVERIES.labels("none", "put_off").inc()
        log.warning("delivery_put_off", outbound_ids=list(ids), cause=error.reason)
        if wait_s is None:
            await self._fail(ids[:1], f"gave_up:{error.reason}")
            return
        raise TryLater(max(wait_s, error.retry_after_s or 0))

    async def _fail(self, ids: Sequence[int], reason: str) -> None:
        """A dead letter; a case's notice goes on to the next channel when it is looked after."""
        now = self.resources.clock.now()
        log.error("delivery_failed", outbound_ids=list(ids), cause=reason)
        async with self._queued(ids) as (deliveries, rows):
            for row in rows:
                row.state, row.failure, row.attempt_at = DeliveryState.FAILED, reason, None
                await deliveries.note(row, "failed", now, reason=reason)
        DELIVERIES.labels("none", "failed").inc()

    async def _leave_unknown(self, ids: Sequence[int], reason: str, route: Route | None) -> None:
        """Ask the provider later if it can be asked; otherwise staff decide."""
        if reason != _NEVER and route is not None and isinstance(route.provider, Reconciling):
            raise TryLater(rules.SETTLE_S + 1)
        now = self.resources.clock.now()
        log.error("delivery_unknown", outbound_ids=list(ids), cause=reason)
        async with self._queued(ids) as (deliveries, rows):
            for row in rows:
                row.state, row.failure, row.attempt_at = DeliveryState.UNKNOWN, reason, None
                await deliveries.note(row, "unknown", now, reason=reason)
        DELIVERIES.labels("none", "unknown").inc()


def _check_settled(interrupted_at: datetime | None, now: datetime) -> None:
    """Raise ``TryLater`` while a try that was begun may still be under way."""
    if interrupted_at is None:
        return
    over_in_s = rules.SETTLE_S - (now - interrupted_at).total_seconds()
    if over_in_s > 0:
        raise TryLater(int(over_in_s) + 1)


_NEVER = "interrupted"


async def _ask(route: Route | None, begun: _Try) -> Receipt | None:
    """Send, or after an interrupted try ask whether it arrived."""
    if route is None:
        raise PermanentDeliveryError("channel_off")
    if begun.interrupted_at is None:
        return await route.provider.send(begun.outbound, begun.recipient)
    if not isinstance(route.provider, Reconciling):
        raise UnknownDeliveryError(_NEVER)
    try:
        return await route.provider.find(begun.outbound, begun.recipient, begun.interrupted_at)
    except UnknownDeliveryError as error:
        raise UnknownDeliveryError(_NEVER) from error
    except RetryableDeliveryError as error:
        raise TryLater(max(error.retry_after_s or 0, rules.SETTLE_S)) from error


def _as_outbound(first: OutboundMessage, replies: Sequence[Reply]) -> Outbound:
    return Outbound(
        id=first.id,
        text=_joined(replies),
        created_at=first.created_at,
        buttons=tuple(button for reply in replies for button in reply.buttons),
        notice=replies[0].notice,
        is_urgent=any(reply.is_urgent for reply in replies),
        attempts=first.attempts - 1,
    )


def _joined(replies: Sequence[Reply]) -> str:
    return "\n".join(reply.text for reply in replies)


async def record_report(
    deliveries: DeliveryRepository,
    row: OutboundMessage,
    state: DeliveryState,
    now: datetime,
    reason: str | None = None,
) -> bool:
    """Apply a provider's later word on a message (locked); ``False`` if it changes nothing.

    Find the row with ``lock`` (our id) or ``lock_by_receipt`` (theirs). Reports are applied by
    rank: nothing comes back from delivered or failed.
    """
    if not rules.may_follow(row.state, state):
        await deliveries.note(row, "report_ignored", now, reason=state)
        return False
    row.state, row.attempt_at = state, None
    row.sent_at = row.sent_at or now
    row.delivered_at = now if state == DeliveryState.DELIVERED else row.delivered_at
    row.failure = reason if state == DeliveryState.FAILED else row.failure
    await deliveries.note(row, state, now, reason=reason)
    return True
