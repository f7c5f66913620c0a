"""Afterwards: what the database holds against what each citizen sent and was shown."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import func, select

from backend.cases.models import Case
from backend.conversations.identity import conversation_id
from backend.conversations.models import (
    DeliveryState,
    InboundMessage,
    OutboundMessage,
    TurnState,
)
from backend.conversations.repository import ConversationRepository
from backend.core.resources import Resources
from tests.stories.lines import ChatLine, Line, SmsLine


@dataclass
class Verdict:
    """Counts over all conversations; everything but the first three has to be 0.

    ``unknown``: rows whose outcome nobody knows, for staff to see (part of the design);
    ``unknown_unsent``: those of them that had not arrived.
    """

    conversations: int = 0
    messages: int = 0
    unknown: int = 0
    unknown_unsent: int = 0
    lost: int = 0
    unanswered: int = 0
    doubled: int = 0
    filed_twice: int = 0
    not_filed: int = 0
    untold: int = 0
    details: list[str] = field(default_factory=list)

    def note(self, what: str, line: Line, detail: object) -> None:
        """One thing that should not be."""
        setattr(self, what, getattr(self, what) + 1)
        self.details.append(f"{what} {line.channel} {detail}")

    @property
    def is_clean(self) -> bool:
        """Nothing lost, nothing twice, everybody answered."""
        return not any(
            (
                *(self.lost, self.unanswered, self.doubled),
                *(self.filed_twice, self.not_filed, self.untold),
            )
        )


async def settled(resources: Resources, within_s: float) -> None:
    """Wait until no message waits for an answer or for its delivery; then look anyway."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        async with resources.database.transaction() as session:
            turns = select(func.count()).where(InboundMessage.turn_state == TurnState.QUEUED)
            waiting = select(func.count()).where(
                OutboundMessage.state == DeliveryState.QUEUED,
                OutboundMessage.conversation_id.not_in(
                    select(InboundMessage.conversation_id).where(
                        InboundMessage.channel == "webchat"
                    )
                ),
            )
            if not await session.scalar(turns) and not await session.scalar(waiting):
                return
        await asyncio.sleep(1)


async def examine(resources: Resources, lines: Sequence[Line], finished: Counter[str]) -> Verdict:
    """Compare; ``finished`` counts by address the intakes a citizen saw through to a number."""
    verdict = Verdict()
    for line in lines:
        owner = conversation_id(resources.vault, line.channel, line.address)
        async with resources.database.transaction() as session:
            rows = ConversationRepository(session, resources.vault)
            inbound = list(
                await session.scalars(
                    select(InboundMessage).where(InboundMessage.conversation_id == owner)
                )
            )
            outbound = list(
                await session.scalars(
                    select(OutboundMessage)
                    .where(OutboundMessage.conversation_id == owner)
                    .order_by(OutboundMessage.seq)
                )
            )
            texts = {row.id: rows.read_outbound(row).text for row in outbound}
            cases = await session.scalar(
                select(func.count()).select_from(Case).where(Case.conversation_id == str(owner))
            )
        verdict.conversations += 1
        _inbound(verdict, line, owner, inbound, outbound)
        _outbound(verdict, line, outbound, texts)
        _cases(verdict, line, int(cases or 0), finished[line.address])
    return verdict


def _inbound(
    verdict: Verdict,
    line: Line,
    owner: uuid.UUID,
    inbound: Sequence[InboundMessage],
    outbound: Sequence[OutboundMessage],
) -> None:
    """Every acknowledged message is stored once and has an answer of its own."""
    prefix = {"wechat": "msg:", "sms": "", "webchat": f"{owner}:"}[line.channel]
    stored = Counter(row.external_id for row in inbound)
    answered = {row.inbound_id for row in outbound if row.dedupe_key.startswith("turn:")}
    verdict.messages += len(line.taken)
    for taken in line.taken:
        if stored[f"{prefix}{taken}"] != 1:
            verdict.note("lost", line, f"{taken} stored {stored[f'{prefix}{taken}']} times")
    for row in inbound:
        if row.turn_state != TurnState.ANSWERED or row.id not in answered:
            verdict.note("unanswered", line, f"inbound {row.id} {row.turn_state}")


def _outbound(
    verdict: Verdict, line: Line, outbound: Sequence[OutboundMessage], texts: dict[int, str]
) -> None:
    """What is stored was shown once; an unknown one may have been."""
    shown = _times_shown(line, outbound, texts)
    for row in outbound:
        times, is_unknown = shown[row.id], row.state == DeliveryState.UNKNOWN
        verdict.unknown += is_unknown
        verdict.unknown_unsent += is_unknown and not times
        if times > 1:
            verdict.note("doubled", line, f"outbound {row.id} shown {times} times")
        if times < 1 and not is_unknown and not _is_left_behind(line, row):
            verdict.note("lost", line, f"outbound {row.id} {row.state} never shown")
    if isinstance(line, ChatLine) and line.shown_twice:
        verdict.note("doubled", line, f"{line.shown_twice} lines sent to one page twice")


def _is_left_behind(line: Line, row: OutboundMessage) -> bool:
    """The page was closed before; it would be shown when it is opened again."""
    return isinstance(line, ChatLine) and row.created_at.timestamp() > line.closed_at


def _times_shown(
    line: Line, outbound: Sequence[OutboundMessage], texts: dict[int, str]
) -> dict[int, int]:
    """How often the citizen was shown each stored message."""
    if isinstance(line, ChatLine):
        return {row.id: int(row.seq in line.shown) for row in outbound}
    if isinstance(line, SmsLine):
        refs = Counter(int(parse_qs(urlsplit(m["callback"]).query)["ref"][0]) for m in line.got)
        return {row.id: refs[row.id] for row in outbound}
    return _by_words(line.read, texts)


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


def _cases(verdict: Verdict, line: Line, cases: int, told: int) -> None:
    """One intake a person: one case, and its number was told."""
    if cases > 1:
        verdict.note("filed_twice", line, f"{cases} cases")
    if cases < told:
        verdict.note("not_filed", line, f"{cases} cases, told {told} numbers")
    if cases > told:
        verdict.note("untold", line, f"{cases} cases, told {told} numbers")
