"""What a step records: the fields of the transitions table, their labels and checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from backend.cases.errors import FieldsNeededError
from backend.cases.rules import Step
from backend.core.clock import weekday_date
from backend.core.privacy import mask_text

_FILE = Path(__file__).with_name("step_fields.yml")
_MOST_CNY = 10**12


@dataclass(frozen=True, slots=True)
class StepField:
    """One field: how it is called, what it takes."""

    code: str
    label: str
    kind: Literal["line", "text", "date", "amount", "choice"]
    options: tuple[str, ...] = ()
    optional: bool = False
    clause: str | None = None
    public: str | None = None
    """What it is called on public pages, where that is not its label."""


@lru_cache(maxsize=1)
def all_fields() -> dict[str, StepField]:
    """Every field by its code."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {
        code: StepField(code=code, **{**entry, "options": tuple(entry.get("options", ()))})
        for code, entry in loaded.items()
    }


def fields_of(step: Step) -> list[StepField]:
    """The fields of a step, in the table's order."""
    return [all_fields()[code] for code in step.fields]


def checked(step: Step, sent: Mapping[str, str]) -> dict[str, str]:
    """The values to record, by code; phone and identity numbers are masked.

    Raises:
        FieldsNeededError: something is missing or malformed; ``fields`` maps codes to reasons.
    """
    values, faults = {}, {}
    for field in fields_of(step):
        value = sent.get(field.code, "").strip()
        fault = _fault(field, value)
        if fault:
            faults[field.code] = fault
        elif value:
            values[field.code] = mask_text(value)
    if faults:
        raise FieldsNeededError(fields=faults)
    return values


def legible(typed: Mapping[str, str]) -> dict[str, str]:
    """The values of a form under way that would be recorded as they are; the rest left out."""
    known = {code: value.strip() for code, value in typed.items() if code in all_fields()}
    return {
        code: mask_text(value)
        for code, value in known.items()
        if value and not _fault(all_fields()[code], value)
    }


def written(code: str, value: str) -> str:
    """A recorded value as people read it: 2026年12月1日（周二）, 12,000."""
    field = all_fields().get(code)
    if field is not None and field.kind == "date" and _is_date(value):
        return weekday_date(date.fromisoformat(value))
    if field is not None and field.kind == "amount" and value.isdigit():
        return f"{int(value):,}"
    return value


def _fault(field: StepField, value: str) -> str | None:
    if not value:
        return None if field.optional else f"请填写{field.label}"
    if field.kind == "date" and not _is_date(value):
        return "请选择日期"
    if field.kind == "amount" and not (
        value.isascii() and value.isdigit() and int(value) < _MOST_CNY
    ):
        return "请填写整数金额，单位元"
    if field.kind == "choice" and value not in field.options:
        return "请从选项里选一个"
    return None


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
