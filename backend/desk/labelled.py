"""What agents corrected, as training data: one JSON object a line, people masked."""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.clock import rfc3339
from backend.core.resources import Resources
from backend.desk.caller_messages import UNDO_S
from backend.desk.models import DeskFiling, DeskLabel
from backend.desk.repository import DeskRepository
from backend.staff.rules import StaffMember, visible_cases


async def labelled_data(session: AsyncSession, resources: Resources, staff: StaffMember) -> str:
    """Decisions that stand, as JSON lines: one's own, or everybody's for who sees every case.

    ``{"text", "decision", "at", "fields": [{"field", "machine", "agent", "confidence", "changed"}]}``
    """
    agent = None if visible_cases(staff).everything else staff.username
    until = resources.clock.now() - timedelta(seconds=UNDO_S)
    rows = await DeskRepository(session).labels(agent, until)
    return "".join(f"{line}\n" for line in _lines(rows))


def _lines(rows: Iterable[tuple[DeskFiling, DeskLabel]]) -> Iterator[str]:
    for _, group in groupby(rows, key=lambda row: row[0].id):
        pairs = list(group)
        filing = pairs[0][0]
        yield json.dumps(
            {
                "text": filing.text,
                "kind": "transcript",
                "card": filing.card,
                "decision": filing.kind,
                "at": rfc3339(filing.at),
                "fields": [
                    {
                        "field": label.field,
                        "machine": label.machine_value,
                        "agent": label.agent_value,
                        "confidence": label.confidence,
                        "changed": label.changed,
                    }
                    for _, label in pairs
                ],
            },
            ensure_ascii=False,
        )
