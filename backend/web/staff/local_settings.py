"""``/staff/settings``: every local decision, its value in force, and where it applies; read-only."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.core.resources import ResourcesDep
from backend.settings import Settings
from backend.web.staff.layout import render_staff
from backend.web.staff.session import VisitDep

router = APIRouter(prefix="/staff/settings", include_in_schema=False)
_FILE = Path(__file__).with_name("local_settings.yml")


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as the page shows it; ``variables`` are the names in ``.env``."""

    no: str
    about: str
    clause: str
    value: str
    where: str
    variables: list[str]
    is_open: bool


@router.get("")
async def settings_page(request: Request, visit: VisitDep, resources: ResourcesDep) -> Response:
    """For the city: what this installation has decided."""
    visit.require("see_settings")
    return render_staff(
        request,
        "staff/settings.html",
        visit,
        section="settings",
        decisions=decisions(resources.settings),
    )


def decisions(settings: Settings) -> list[Decision]:
    """All of them, with the values in force."""
    return [
        Decision(
            no=row["number"],
            about=row["about"],
            clause=row["clause"],
            value=row["value"].format(**{n: _said(getattr(settings, n)) for n in row["settings"]}),
            where=row["where"],
            variables=[f"GUANJIA_{name.upper()}" for name in row["settings"]],
            is_open=row.get("open", False),
        )
        for row in _rows()
    ]


@cache
def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return rows


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "顺延" if value else "不顺延"
    return str(value)
