"""Afterwards: what the database holds against what the platforms took and each citizen was shown.

Nothing here depends on how patient anybody was. The queue is given time to empty first; what still
waits then is a figure of its own and not taken for lost.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.cases.models import Case, IdempotencyKey
from backend.conversations.identity import conversation_id
from backend.conversations.models import (
    Conversation,
    DeliveryState,
    InboundMessage,
    OutboundMessage,
    TurnState,
)
from backend.conversations.repository import ConversationRepository
from backend.core.resources import Resources
from tests.stories.lines import ChatLine, Line, SmsLine

CASE_NO = re.compile(r"(?:WSS|WXY|ZYZ)\d{11}")
_BARS = ("lost", "unanswered", "doubled", "filed_twice", "not_filed", "untold", "undrained")


@dataclass
class Verdict:
    """Counts over all conversations.

    ``unknown``: rows whose outcome nobody knows, for staff to see (part of the design);
    ``unknown_unsent``: those of them that had not arrived. All others have to be 0:
    ``lost``: acknowledged but not stored once, or stored and never shown; ``unanswered``: stored,
    its turn not worked; ``doubled``: shown more often than stored; ``filed_twice``: more cases than
    intakes, or than idempotency keys; ``not_filed``: a number was told that no case has; ``untold``:
    a case whose number no message tells; ``undrained``: still waiting when time was up.
    """

    conversations: int = 0
    messages: int = 0
    cases: int = 0
    unknown: int = 0
    unknown_unsent: int = 0
    lost: int = 0
    unanswered: int = 0
    doubled: int = 0
    filed_twice: int = 0
    not_filed: int = 0
    untold: int = 0
    undrained: int = 0
    details: list[str] = field(default_factory=list)

    def note(self, what: str, line: Line, detail: object) -> None:
        """One thing that should not be."""
        setattr(self, what, getattr(self, what) + 1)
        self.details.append(f"{what} {line.channel} {detail}")

    @property
    def is_clean(self) -> bool:
        """Nothing lost, nothing twice, everybody answered."""
        return not any(getattr(self, bar) for bar in _BARS)


@dataclass(frozen=True)
class Stored:
    """What the database has of one conversation; ``texts`` by outbound id, ``cases`` with their keys."""

    owner: uuid.UUID
    inbound: Sequence[InboundMessage]
    outbound: Sequence[OutboundMessage]
    texts: dict[int, str]
    cases: dict[str, int]


async def drained(resources: Resources, within_s: float) -> int:
    """Wait until no message waits for an answer or for its delivery; how many still do."""
    deadline = time.monotonic() + within_s
    while True:
        waiting = await _waiting(resources)
        if not waiting or time.monotonic() > deadline:
            return waiting
        await asyncio.sleep(1)


async def _waiting(resources: Resources) -> int:
    """Open turns, and messages that are sent rather than fetched and have not been."""
    turns = select(func.count()).where(InboundMessage.turn_state == TurnState.QUEUED)
    sent = select(Conversation.id).where(Conversation.sealed_address.is_not(None))
    messages = select(func.count()).where(
        OutboundMessage.state == DeliveryState.QUEUED, OutboundMessage.conversation_id.in_(sent)
    )
    async with resources.database.transaction() as session:
        return int(await session.scalar(turns) or 0) + int(await session.scalar(messages) or 0)


async def examine(resources: Resources, lines: Sequence[Line], within_s: float) -> Verdict:
    """Let the queue empty, let every page be opened again, then compare."""
    verdict = Verdict(undrained=await drained(resources, within_s))
    await asyncio.gather(*(line.look_again() for line in lines if isinstance(line, ChatLine)))
    for line in lines:
        async with resources.database.transaction() as session:
            stored = await _stored(session, resources, line)
        judge(verdict, line, stored)
    return verdict


async def _stored(session: AsyncSession, resources: Resources, line: Line) -> Stored:
    owner = conversation_id(resources.vault, line.channel, line.address)
    rows = ConversationRepository(session, resources.vault)
    inbound = await session.scalars(
        select(InboundMessage).where(InboundMessage.conversation_id == owner)
    )
    outbound = await session.scalars(
        select(OutboundMessage)
        .where(OutboundMessage.conversation_id == owner)
        .order_by(OutboundMessage.seq)
    )
    said = list(outbound)
    cases = await session.execute(
        select(Case.case_no, func.count(IdempotencyKey.key).label("keys"))
        .outerjoin(IdempotencyKey, IdempotencyKey.case_id == Case.id)
        .where(Case.conversation_id == str(owner))
        .group_by(Case.case_no)
    )
    return Stored(
        owner,
        list(inbound),
        said,
        {row.id: rows.read_outbound(row).text for row in said},
        {row.case_no: row.keys for row in cases},
    )


def judge(verdict: Verdict, line: Line, stored: Stored) -> None:
    """Add what one conversation shows."""
    verdict.conversations += 1
    _inbound(verdict, line, stored)
    _outbound(verdict, line, stored)
    _cases(verdict, line, stored)


def _inbound(verdict: Verdict, line: Line, stored: Stored) -> None:
    """Every acknowledged message is stored once and has an answer of its own."""
    prefix = {"wechat": "msg:", "sms": "", "webchat": f"{stored.owner}:"}[line.channel]
    kept = Counter(row.external_id for row in stored.inbound)
    answered = {row.inbound_id for row in stored.outbound if row.dedupe_key.startswith("turn:")}
    verdict.messages += len(line.taken)
    for taken in line.taken:
        if kept[f"{prefix}{taken}"] != 1:
            verdict.note("lost", line, f"{taken} stored {kept[f'{prefix}{taken}']} times")
    for row in stored.inbound:
        if row.turn_state != TurnState.ANSWERED or row.id not in answered:
            verdict.note("unanswered", line, f"inbound {row.id} {row.turn_state}")


def _outbound(verdict: Verdict, line: Line, stored: Stored) -> None:
    """What is stored was shown once; an unknown one may have been, one that waits will be."""
    shown = _times_shown(line, stored)
    for row in stored.outbound:
        times, is_unknown = shown[row.id], row.state == DeliveryState.UNKNOWN
        verdict.unknown += is_unknown
        verdict.unknown_unsent += is_unknown and not times
        if times > 1:
            verdict.note("doubled", line, f"outbound {row.id} shown {times} times")
        if times < 1 and not is_unknown and not _still_waits(line, row):
            verdict.note("lost", line, f"outbound {row.id} {row.state} never shown")
    if isinstance(line, ChatLine) and line.shown_twice:
        verdict.note("doubled", line, f"{line.shown_twice} lines sent to one page twice")


def _still_waits(line: Line, row: OutboundMessage) -> bool:
    """Counted as undrained."""
    return not isinstance(line, ChatLine) and row.state == DeliveryState.QUEUED


def _times_shown(line: Line, stored: Stored) -> dict[int, int]:
    """How often the citizen was shown each stored message."""
    if isinstance(line, ChatLine):
        return {row.id: int(row.seq in line.shown) for row in stored.outbound}
    if isinstance(line, SmsLine):
        refs = Counter(int(parse_qs(urlsplit(m["callback"]).query)["ref"][0]) for m in line.got)
        return {row.id: refs[row.id] for row in stored.outbound}
    return _by_words(line.read, stored.texts)


def _by_words(read: Sequence[str], texts: dict[int, str]) -> dict[int, int]:
    """Messages may have been joined into one: take the words out of what was read, longest first.

    What is left over in the end was said too often; it is counted with the message it repeats.
    """
    rest, times = "\n".join(read), dict.fromkeys(texts, 0)
    by_length = sorted(texts, key=lambda outbound_id: -len(texts[outbound_id]))
    for outbound_id in by_length:
        if texts[outbound_id] in rest:
            rest = rest.replace(texts[outbound_id], "", 1)
            times[outbound_id] = 1
    for outbound_id in by_length:
        while texts[outbound_id] and texts[outbound_id] in rest:
            rest = rest.replace(texts[outbound_id], "", 1)
            times[outbound_id] += 1
    return times


def _cases(verdict: Verdict, line: Line, stored: Stored) -> None:
    """One intake a person: at most one case, filed under one key, and its number told."""
    told = {number for text in stored.texts.values() for number in CASE_NO.findall(text)}
    verdict.cases += len(stored.cases)
    if len(stored.cases) > 1:
        verdict.note("filed_twice", line, f"cases {sorted(stored.cases)}")
    for case_no, keys in stored.cases.items():
        if keys != 1:
            verdict.note("filed_twice", line, f"{case_no} under {keys} keys")
        if case_no not in told:
            verdict.note("untold", line, case_no)
    for number in sorted(told - set(stored.cases)):
        verdict.note("not_filed", line, number)
