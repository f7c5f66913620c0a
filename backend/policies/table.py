"""The policy list as a CSV table. Pure. Lines that begin with # are remarks."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from backend.policies.errors import PolicyTableError
from backend.policies.rules import GROUP_LABELS
from backend.taxonomy.service import taxonomy

SAMPLE = Path(__file__).parents[2] / "data" / "policies" / "sample.csv"
COLUMNS = {
    "编号": "code",
    "政策名称": "title",
    "主管部门": "department",
    "适用类型": "types",
    "适用人群": "groups",
    "关键词": "keywords",
    "条件": "conditions",
    "办理方式": "procedure",
    "所需材料": "materials",
    "咨询电话": "phone",
    "依据": "basis",
    "生效日期": "valid_from",
    "失效日期": "valid_to",
    "示例": "sample",
}
_REQUIRED = ("code", "title", "department", "conditions", "procedure")
_MOST_CHARS = 2_000
MAX_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One line of the table."""

    code: str
    title: str
    department: str
    types: list[str]
    groups: list[str]
    keywords: list[str]
    conditions: str
    procedure: str
    materials: str | None
    phone: str | None
    basis: str | None
    valid_from: date | None
    valid_to: date | None
    sample: bool


def read(content: bytes) -> list[PolicyRow]:
    """The table's policies.

    Types and groups are given by code or Chinese name, several with ``、``.

    Raises:
        PolicyTableError: with every line that does not fit, counted as in a spreadsheet.
    """
    lines = _decoded(content).splitlines()
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line.strip() and line[0] != "#"]
    rows = list(csv.reader(io.StringIO("\n".join(line for _, line in numbered))))
    if not rows:
        raise PolicyTableError(["表格是空的"])
    names = [COLUMNS.get(title.strip().lstrip("﻿"), "") for title in rows[0]]
    absent = [title for title, name in COLUMNS.items() if name in _REQUIRED and name not in names]
    if absent:
        raise PolicyTableError([f"缺少列：{'、'.join(absent)}"])
    if len(rows) > MAX_ROWS:
        raise PolicyTableError([f"一次最多 {MAX_ROWS} 行"])
    return _policies(names, rows[1:])


def _policies(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[PolicyRow]:
    problems: list[str] = []
    found: dict[str, PolicyRow] = {}
    for number, cells in enumerate(rows, 2):
        values = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
        try:
            row = _row(values)
            if row.code in found:
                raise ValueError(f"编号 {row.code} 重复")
            found[row.code] = row
        except ValueError as error:
            problems.append(f"第 {number} 行：{error}")
    if problems:
        raise PolicyTableError(problems)
    return list(found.values())


def _row(values: dict[str, str]) -> PolicyRow:
    empty = [title for title, name in COLUMNS.items() if name in _REQUIRED and not values.get(name)]
    if empty:
        raise ValueError(f"{'、'.join(empty)}没有填")
    if any(len(value) > _MOST_CHARS for value in values.values()):
        raise ValueError(f"有一格超过 {_MOST_CHARS} 字")
    return PolicyRow(
        code=values["code"],
        title=values["title"],
        department=values["department"],
        types=[_type(name) for name in _several(values.get("types", ""))],
        groups=[_group(name) for name in _several(values.get("groups", ""))],
        keywords=_several(values.get("keywords", "")),
        conditions=values["conditions"],
        procedure=values["procedure"],
        materials=values.get("materials") or None,
        phone=values.get("phone") or None,
        basis=values.get("basis") or None,
        valid_from=_day(values.get("valid_from", "")),
        valid_to=_day(values.get("valid_to", "")),
        sample=values.get("sample", "") in ("是", "1", "true"),
    )


def _several(cell: str) -> list[str]:
    for mark in ("，", ",", ";", "；", "/"):
        cell = cell.replace(mark, "、")
    return [part.strip() for part in cell.split("、") if part.strip()]


def _type(name: str) -> str:
    known = taxonomy()
    for code in known.types:
        if name in (code, known.label(code)):
            return code
    raise ValueError(f"没有类型“{name}”")


def _group(name: str) -> str:
    for code, label in GROUP_LABELS.items():
        if name in (code, label):
            return code
    raise ValueError(f"没有人群“{name}”")


def _day(cell: str) -> date | None:
    if not cell:
        return None
    try:
        return date.fromisoformat(cell.replace("/", "-"))
    except ValueError as error:
        raise ValueError(f"日期“{cell}”请写成 2026-01-31") from error


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise PolicyTableError(["文字编码认不出来，请另存为 UTF-8"]) from error
