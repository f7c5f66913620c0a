"""`make demo-data N=10000`: synthetic cases for trying lists and searches; a sample, and called so.

Texts are the training requests of this project, people and numbers are made up, every case carries
the external reference “示例”. Runs on the settings' database and only adds.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import yaml
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.cases.case_no import new_case_no
from backend.cases.filing import proof_hash
from backend.cases.models import Case, CaseEvent
from backend.cases.rules import Status, holder_of
from backend.cases.steps import deadline, local_rules, set_due
from backend.cases.views import CONTACT
from backend.core.clock import local_date
from backend.core.migrate import upgrade
from backend.core.postgres import database_url
from backend.core.resources import Resources, build_resources
from backend.places.service import TOWN_CODE_CHARS, gazetteer
from backend.settings import load_settings
from backend.taxonomy.schemas import Leaf
from backend.taxonomy.service import taxonomy
from scripts.env_file import ROOT

MARK = "示例"
_BATCH = 1_000
_DAYS = 730
_SURNAMES = "陈李黄张林梁刘王吴叶"
_STATUSES = {
    "weishishi": ("received", "deliberation", "review", "publicity", "implementation", "completed"),
    "weixinyuan": ("received", "verification", "assessment", "aid", "completed"),
    "out_of_scope": ("received", "referred"),
}


def requests() -> list[tuple[Leaf, str]]:
    """Type and text of every training request."""
    found = []
    for file in sorted((ROOT / "data" / "requests").glob("*.yml")):
        leaf = taxonomy().leaf(file.stem)
        if leaf is not None:
            rows = yaml.safe_load(file.read_text(encoding="utf-8"))
            found += [(leaf, str(row["text"])) for row in rows]
    return found


def rows(count: int, resources: Resources, draw: random.Random) -> Iterator[dict[str, Any]]:
    """`count` rows of the table of cases; the same seed gives the same matters."""
    texts, villages = requests(), sorted(gazetteer().villages)
    now, taken = resources.clock.now(), set[str]()
    while len(taken) < count:
        leaf, said = draw.choice(texts)
        created = now - timedelta(days=draw.random() * _DAYS)
        case_no = new_case_no(leaf.category, local_date(created))
        if case_no in taken:
            continue
        taken.add(case_no)
        yield _row(resources, leaf, said, draw.choice(villages), case_no, created, draw)


def _row(
    resources: Resources,
    leaf: Leaf,
    said: str,
    village: str,
    case_no: str,
    created: datetime,
    draw: random.Random,
) -> dict[str, Any]:
    vault = resources.vault
    phone = f"139{draw.randrange(10**8):08d}"
    name = f"{draw.choice(_SURNAMES)}{draw.choice(('先生', '女士'))}"
    status = draw.choice(_STATUSES[leaf.category])
    draft = Case(category=leaf.category, group=leaf.group, status=status, created_at=created)
    local = local_rules(resources.settings)
    set_due(draft, deadline(draft, Status.RECEIVED, Status(status), created, local))
    due = (
        *("due_event", "due_what", "due_at", "due_basis", "due_local"),
        *("due_started_at", "due_verb"),
    )
    return {column: getattr(draft, column) for column in due} | {
        "due_provisional": bool(draft.due_provisional),
        "case_no": case_no,
        "category": leaf.category,
        "group": leaf.group,
        "type": leaf.type,
        "status": status,
        "holder": holder_of(leaf.category, Status(status)),
        "town": village[:TOWN_CODE_CHARS],
        "village": village,
        "description": said,
        "summary": said[:80],
        "groups": [],
        "contact": vault.seal({"name": name, "phone": phone, "person": None}, CONTACT),
        "phone_hash": vault.keyed_hash("phone", phone),
        "proof_hash": proof_hash(vault, case_no, phone[-4:]),
        "on_behalf": False,
        "anonymous": False,
        "channel": draw.choice(("wechat", "webchat", "sms", "hotline")),
        "external_ref": MARK,
        "labelled_by": "model",
        "created_at": created,
        "updated_at": created,
        "entered_at": created,
    }


async def _store(connection: AsyncConnection, batch: list[dict[str, Any]]) -> None:
    statement = insert(Case).returning(Case.id, Case.created_at, sort_by_parameter_order=True)
    stored = await connection.execute(statement, batch)
    events = [
        {
            "case_id": case_id,
            "at": created,
            "kind": "created",
            "audience": "public",
            "actor_kind": "citizen",
            "to_status": "received",
            "data": {},
        }
        for case_id, created in stored
    ]
    await connection.execute(insert(CaseEvent), events)


async def fill(count: int) -> None:
    """Adds the cases in batches, each in a transaction of its own."""
    settings = load_settings()
    url = database_url(settings)
    await asyncio.to_thread(upgrade, url)
    resources = build_resources(settings, url)
    batch: list[dict[str, Any]] = []
    done = 0
    for row in rows(count, resources, random.Random(count)):  # noqa: S311 - sample data
        batch.append(row)
        if len(batch) == _BATCH or done + len(batch) == count:
            async with resources.database.engine.begin() as connection:
                await _store(connection, batch)
            done, batch = done + len(batch), []
            print(f"\r· {done} / {count} 件示例", end="", file=sys.stderr, flush=True)
    async with resources.database.engine.begin() as connection:
        await connection.execute(text("analyze cases"))
    await resources.close()
    print(file=sys.stderr)


def main() -> None:
    """Command line."""
    asyncio.run(fill(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))


if __name__ == "__main__":
    main()
