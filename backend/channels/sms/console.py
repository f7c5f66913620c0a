"""The provider of laptops: prints what would be sent, and keeps it under var/."""

import json
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backend.channels.sms.client import compose
from backend.channels.sms.segments import segments
from backend.conversations.delivery import Outbound, Receipt, Recipient
from backend.core.clock import Clock, rfc3339
from backend.core.privacy import mask_phone, mask_text

VIA = "console"
OUTBOX = "sms-outbox.jsonl"


@dataclass(frozen=True, slots=True)
class ConsoleClient:
    """Writes one line per message to ``file`` (mode 600); numbers are masked."""

    file: Path
    clock: Clock

    async def send(self, outbound: Outbound, recipient: Recipient) -> Receipt:
        """Print and keep; delivered at once. A message kept before is not kept again."""
        if await self.find(outbound, recipient, outbound.created_at):
            return _receipt(outbound)
        composed = compose(outbound)
        to = mask_phone(recipient.address)
        self._keep(
            {
                "id": outbound.id,
                "at": rfc3339(self.clock.now()),
                "to": to,
                "template": composed.template,
                "segments": segments(composed.body),
                "text": composed.body,
            }
        )
        print(f"短信 → {to}\n{mask_text(composed.body)}", file=sys.stderr, flush=True)
        return _receipt(outbound)

    async def find(
        self, outbound: Outbound, recipient: Recipient, since: datetime
    ) -> Receipt | None:
        """Whether the file has the message."""
        kept = (line["id"] == outbound.id for line in read_outbox(self.file))
        return _receipt(outbound) if any(kept) else None

    def _keep(self, line: dict[str, object]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read_outbox(file: Path) -> list[dict[str, object]]:
    """Every message kept so far; a line cut off by a crash is left out."""
    if not file.exists():
        return []
    lines = []
    for raw in file.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(raw))
        except ValueError:
            continue
    return lines


def _receipt(outbound: Outbound) -> Receipt:
    return Receipt(VIA, f"console-{outbound.id}", is_delivered=True)
