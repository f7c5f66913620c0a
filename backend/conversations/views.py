"""Outbound messages as the API shows them: states and reasons, never words or addresses."""

from collections.abc import Sequence

from pydantic import BaseModel

from backend.conversations.models import DeliveryEvent, DeliveryState, OutboundMessage
from backend.conversations.outbound import NOTICE_KEY
from backend.core.clock import Timestamp


class DeliveryStep(BaseModel):
    """One step of a delivery; ``actor``: who of the staff."""

    at: Timestamp
    what: str
    via: str | None
    receipt: str | None
    reason: str | None
    actor: str | None


class OutboundOut(BaseModel):
    """One message; ``via`` is the way it went, ``receipt`` the provider's id of it.

    ``case_no``: the case that it tells of, if it is a notice.
    """

    id: int
    case_no: str | None
    channel: str
    state: DeliveryState
    failure: str | None
    via: str | None
    receipt: str | None
    attempts: int
    is_urgent: bool
    created_at: Timestamp
    sent_at: Timestamp | None
    delivered_at: Timestamp | None
    steps: list[DeliveryStep]


class OutboundPage(BaseModel):
    """Newest first; ask again with ``before=next_before`` for older ones."""

    items: list[OutboundOut]
    next_before: int | None


def _case_told_of(key: str) -> str | None:
    kind, *parts = key.split(":")
    return parts[0] if kind == NOTICE_KEY and len(parts) > 1 else None


def outbound_out(
    listed: tuple[OutboundMessage, str], history: Sequence[DeliveryEvent]
) -> OutboundOut:
    """A message and its channel with its steps."""
    row, channel = listed
    return OutboundOut(
        id=row.id,
        case_no=_case_told_of(row.dedupe_key),
        channel=channel,
        state=DeliveryState(row.state),
        failure=row.failure,
        via=row.via,
        receipt=row.receipt,
        attempts=row.attempts,
        is_urgent=row.is_urgent,
        created_at=row.created_at,
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        steps=[
            DeliveryStep(
                at=event.at,
                what=event.what,
                via=event.via,
                receipt=event.receipt,
                reason=event.reason,
                actor=event.actor,
            )
            for event in history
        ],
    )
