"""All staff pages as one router."""

from fastapi import APIRouter

from backend.web.staff import (
    audit_page,
    case_page,
    entry,
    images,
    local_settings,
    offers,
    reminder_page,
    sign_in,
    undelivered_page,
    work_list,
)

router = APIRouter(include_in_schema=False)
for _page in (
    sign_in,
    entry,
    audit_page,
    images,
    local_settings,
    offers,
    case_page,
    reminder_page,
    undelivered_page,
    work_list,
):
    router.include_router(_page.router)
