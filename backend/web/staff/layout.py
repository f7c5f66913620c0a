"""Rendering of staff pages: who is signed in and where they can go."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from backend.places.service import gazetteer
from backend.staff.rules import ROLE_LABELS, Permission, StaffMember
from backend.web.pages import Pages
from backend.web.staff.session import Visit


@dataclass(frozen=True, slots=True)
class Section:
    """An entry of the navigation."""

    key: str
    label: str
    address: str
    needs: Permission


SECTIONS = (
    Section("work", "工作台", "/staff", "see_cases"),
    Section("desk", "热线录入", "/desk", "use_desk"),
    Section("new", "快速登记", "/staff/new", "file_case"),
    Section("policies", "政策", "/staff/policies", "see_cases"),
    Section("undelivered", "没有送达", "/staff/undelivered", "see_outbound"),
    Section("settings", "本地设置", "/staff/settings", "see_settings"),
    Section("audit", "审计日志", "/staff/audit", "read_audit"),
)


def pages_of(request: Request) -> Pages:
    """The templates of this process."""
    pages: Pages = request.app.state.pages
    return pages


def render_staff(
    request: Request,
    template: str,
    visit: Visit,
    *,
    section: str = "",
    status_code: int = 200,
    **values: Any,
) -> HTMLResponse:
    """A page that extends ``staff/base.html``; ``section`` is the navigation entry it belongs to."""
    return pages_of(request).render(
        template,
        status_code=status_code,
        visit=visit,
        me=visit.staff,
        my_place=place_label(visit.staff),
        csrf=visit.csrf,
        section=section,
        sections=[entry for entry in SECTIONS if visit.may(entry.needs)],
        **values,
    )


def place_label(member: StaffMember) -> str:
    """Where somebody works, or what they are if they work for the whole city."""
    place = gazetteer().full_name(member.town, member.village)
    return place or ROLE_LABELS[member.role]
