"""Labels and progress sentences, read from ``wording.yml``."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from backend.cases.models import Case
from backend.core.clock import local_date
from backend.deadlines.rules import chinese_date

_FILE = Path(__file__).with_name("wording.yml")


@lru_cache(maxsize=1)
def _wording() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def status_label(status: str) -> str:
    """A status in Chinese."""
    return str(_wording()["statuses"][status])


def phrase(key: str) -> str:
    """A fixed phrase by its key."""
    return str(_wording()[key])


def present(case: Case) -> str:
    """One plain sentence: what happens now and by when."""
    words = _wording()
    with_due = words["progress"].get(case.category, {}).get(case.status)
    if with_due and ("{due}" not in with_due or case.due_at):
        return str(with_due).format(due=_due_day(case))
    return str(words["progress_no_due"][case.status])


def _due_day(case: Case) -> str:
    if case.due_at is None:
        return ""
    day = chinese_date(local_date(case.due_at), since=local_date(case.created_at))
    return day + (_wording()["provisional"] if case.due_provisional else "")


def reminder_text(stage: str, what: str, due_at: datetime) -> str:
    """What staff read of a deadline at a stage."""
    text = str(_wording()["reminders"][stage])
    return text.format(what=what, due=chinese_date(local_date(due_at)))
